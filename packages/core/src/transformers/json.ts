import { ConfigError } from '../errors.js'

/** Fields of a parsed JSON file. Each reader names the field in what it throws. */
export type JsonObject = Readonly<Record<string, unknown>>

/** @throws ConfigError saying what is needed in `field` and what stands there */
export function failConfig(field: string, message: string, value: unknown, hint?: string): never {
  const found = value === undefined ? 'it is missing' : `found ${JSON.stringify(value)}`
  throw new ConfigError({ field, message: `${message}, ${found}`, ...(hint && { hint }) })
}

/** @throws ConfigError when it is another kind of value */
export function jsonObject(value: unknown, field: string): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    failConfig(field, 'an object is needed', value)
  return value as JsonObject
}

/** @throws ConfigError when it is not a whole number above 0 */
export function wholeNumber(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    failConfig(field, 'a positive whole number is needed', value)
  return value
}

/** @throws ConfigError when it is none of `allowed` */
export function oneOf<T>(value: unknown, allowed: readonly T[], field: string, hint?: string): T {
  if (!allowed.includes(value as T))
    failConfig(field, `${allowed.map(a => JSON.stringify(a)).join(' or ')} is needed`, value, hint)
  return value as T
}

/** Fields that are missing or null have their defaults, as transformers reads its files. */
export function withDefaults(json: JsonObject, defaults: JsonObject): JsonObject {
  return { ...defaults, ...Object.fromEntries(Object.entries(json).filter(([, value]) => value != null)) }
}
