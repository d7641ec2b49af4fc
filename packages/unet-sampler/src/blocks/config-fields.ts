import { ConfigError } from '@viscpm/core'

/** What a field may hold that has one supported meaning, with the values that mean it. */
export type FixedFields = Readonly<Record<string, readonly unknown[]>>

export function configError(field: string, message: string, value: unknown): never {
  throw new ConfigError({ field, message: `${message}, found ${JSON.stringify(value)}` })
}

/** Reads a diffusers `config.json` field by field; what was not read must be known to have no effect. */
export class ConfigFields {
  readonly #json: Readonly<Record<string, unknown>>
  readonly #read = new Set<string>()

  /** @throws ConfigError when it is no object, or that of another class. */
  constructor(json: unknown, className: string) {
    if (json === null || typeof json !== 'object' || Array.isArray(json))
      configError(className, 'an object is needed', json)
    this.#json = json as Record<string, unknown>
    if (this.#json._class_name !== undefined && this.#json._class_name !== className)
      configError('_class_name', `${className} is needed`, this.#json._class_name)
  }

  #value(name: string): unknown {
    this.#read.add(name)
    return this.#json[name]
  }

  /** A positive whole number. */
  size(name: string, fallback?: number): number {
    return checkedSize(this.#value(name) ?? fallback, name)
  }

  /** Positive whole numbers, at least one. */
  sizes(name: string): number[] {
    const values = this.#value(name)
    if (!Array.isArray(values) || values.length === 0) configError(name, 'a list of sizes is needed', values)
    return values.map((value, i) => checkedSize(value, `${name}[${i}]`))
  }

  /** One positive whole number for all of `count` blocks, or one for each. */
  sizePerBlock(name: string, count: number, fallback: number): number[] {
    const value = this.#json[name] ?? fallback
    if (!Array.isArray(value)) return new Array<number>(count).fill(this.size(name, fallback))
    const sizes = this.sizes(name)
    if (sizes.length !== count) configError(name, `one number or ${count} are needed`, value)
    return sizes
  }

  /** A finite number that is at least `min`. */
  number(name: string, fallback: number, min: number): number {
    const value = this.#value(name) ?? fallback
    if (typeof value !== 'number' || !Number.isFinite(value) || value < min)
      configError(name, `a number of at least ${min} is needed`, value)
    return value
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.#value(name) ?? fallback
    if (typeof value !== 'boolean') configError(name, 'true or false is needed', value)
    return value
  }

  /** As many names as there are blocks, each one of `supported`. */
  blockTypes<T extends string>(name: string, count: number, supported: readonly T[]): T[] {
    const values = this.#value(name)
    if (!Array.isArray(values) || values.length !== count) configError(name, `${count} block types are needed`, values)
    return values.map((value: unknown, i) =>
      supported.includes(value as T)
        ? (value as T)
        : configError(`${name}[${i}]`, `only ${supported.join(' and ')} are supported`, value),
    )
  }

  /** @throws ConfigError for a field that would change the model in a way that is not supported. */
  end(fixed: FixedFields): void {
    for (const [name, value] of Object.entries(this.#json)) {
      if (name.startsWith('_') || this.#read.has(name) || value === undefined) continue
      const supported = fixed[name]
      if (supported === undefined && value !== null) configError(name, 'this field is not known', value)
      if (supported?.length && value !== null && !supported.includes(value))
        configError(name, `only ${supported.map(v => JSON.stringify(v)).join(' or ')} is supported`, value)
    }
  }
}

function checkedSize(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    configError(field, 'a positive whole number is needed', value)
  return value
}

/** What all blocks share. @throws ConfigError */
export function checkGroups(channels: readonly number[], groups: number): void {
  channels.forEach((size, i) => {
    if (size % groups !== 0)
      configError(`block_out_channels[${i}]`, `must be a multiple of norm_num_groups, which is ${groups}`, size)
  })
}
