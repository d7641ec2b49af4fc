import { ConfigError } from '@viscpm/core'

/** Fields of parsed JSON files. Each reader names the field in what it throws. */
export type Json = Readonly<Record<string, unknown>>

export function fail(field: string, message: string, value: unknown, hint?: string): never {
  const found = value === undefined ? 'it is missing' : `found ${JSON.stringify(value)}`
  throw new ConfigError({ field, message: `${message}, ${found}`, ...(hint && { hint }) })
}

export function object(value: unknown, field: string): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) fail(field, 'an object is needed', value)
  return value as Json
}

export function wholeNumber(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    fail(field, 'a positive whole number is needed', value)
  return value
}

export function oneOf<T>(value: unknown, allowed: readonly T[], field: string, hint?: string): T {
  if (!allowed.includes(value as T))
    fail(field, `${allowed.map(a => JSON.stringify(a)).join(' or ')} is needed`, value, hint)
  return value as T
}
