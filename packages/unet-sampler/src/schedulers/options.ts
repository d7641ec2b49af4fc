import { ConfigError, InvalidArgumentError } from '@viscpm/core'
import type { OptionSpec, Schema } from './option-specs.js'
import type { SchedulerConfig, SchedulerSource } from './types.js'

/** Values of keys that diffusers' class knows and ours does not support: dropping them would change the result. */
export type Refused = Readonly<Record<string, readonly unknown[]>>

const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

function configOf(source: SchedulerSource): SchedulerConfig {
  if (source === null || typeof source !== 'object' || Array.isArray(source))
    throw new ConfigError({ field: 'scheduler', message: 'a scheduler or a JSON object is needed' })
  if ('start' in source && typeof source.start === 'function') return (source as { config: SchedulerConfig }).config
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [snake(key), value]))
}

function readFrom(name: string, config: SchedulerConfig, key: string, spec: OptionSpec<unknown>): unknown {
  const value = config[key]
  const read = spec.read(value)
  if (read !== undefined) return read
  const alias = typeof value === 'string' ? spec.aliases?.[value] : undefined
  if (alias !== undefined) return alias
  throw new ConfigError({
    field: key,
    message: `${name} needs ${spec.allowed}, found ${JSON.stringify(value)}`,
    hint: `Change ${key} in the scheduler's config, or choose a scheduler that supports it.`,
  })
}

/**
 * Options given in code go before the config's, the config's before diffusers' defaults.
 * @returns every option, and the config from which they can be had again; both frozen.
 * @throws InvalidArgumentError for an option in code that is unknown or wrong.
 * @throws ConfigError for a value of the config that is wrong or not supported. Keys only siblings know are passed over.
 */
export function resolveOptions<O extends object>(
  name: string,
  schema: Schema<O>,
  given: Partial<O>,
  source: SchedulerSource,
  refused: Refused = {},
): { options: Readonly<O>; config: SchedulerConfig } {
  const specs = new Map(Object.entries<OptionSpec<unknown>>(schema))
  const config: Record<string, unknown> = { ...configOf(source), _class_name: name }
  const inCode = Object.entries(given).filter(([, value]) => value !== undefined)
  const values: Record<string, unknown> = {}
  for (const [key, value] of inCode) {
    const spec = specs.get(key)
    if (!spec)
      throw new InvalidArgumentError({
        argument: key,
        message: `is not an option of ${name}`,
        hint: `Its options are ${[...specs.keys()].join(', ')}.`,
      })
    values[key] = spec.read(value)
    if (values[key] === undefined)
      throw new InvalidArgumentError({
        argument: key,
        message: `${name} needs ${spec.allowed}, found ${JSON.stringify(value)}`,
      })
    config[snake(key)] = values[key]
  }
  for (const [key, values] of Object.entries(refused))
    if (values.includes(config[key]))
      throw new ConfigError({ field: key, message: `${JSON.stringify(config[key])} is not supported by this ${name}` })
  for (const [key, spec] of specs) {
    if (key in values) continue
    values[key] = config[snake(key)] === undefined ? spec.initial : readFrom(name, config, snake(key), spec)
  }
  return { options: Object.freeze(values as O), config: Object.freeze(config) }
}
