/** What one option may be. */
export interface OptionSpec<T> {
  /** diffusers' default. */
  readonly initial: T
  /** What is allowed, for messages: 'true or false'. */
  readonly allowed: string
  /** The value, checked and copied; undefined when it is not allowed. */
  readonly read: (value: unknown) => T | undefined
  /** Values of the same key in siblings' files, and what they stand for here. */
  readonly aliases?: Readonly<Record<string, T>>
}

export type Schema<O extends object> = { readonly [K in keyof O]-?: OptionSpec<O[K]> }

export function flag(initial: boolean): OptionSpec<boolean> {
  return {
    initial,
    allowed: 'true or false',
    // Python's None stands for "no" in files.
    read: v => (v === null ? false : typeof v === 'boolean' ? v : undefined),
  }
}

export function oneOf<T extends string | number>(
  values: readonly T[],
  initial: T,
  aliases: Readonly<Record<string, T>> = {},
): OptionSpec<T> {
  return { initial, allowed: `one of ${values.join(', ')}`, read: v => values.find(x => x === v), aliases }
}

export function within(low: number, high: number, initial: number): OptionSpec<number> {
  const allowed = high === Number.POSITIVE_INFINITY ? `a number from ${low} on` : `a number from ${low} to ${high}`
  return { initial, allowed, read: v => (typeof v === 'number' && v >= low && v <= high ? v : undefined) }
}

export function whole(low: number, initial: number): OptionSpec<number> {
  return {
    initial,
    allowed: `a whole number from ${low} on`,
    read: v => (Number.isSafeInteger(v) && (v as number) >= low ? (v as number) : undefined),
  }
}

export function wholeNumbers(): OptionSpec<readonly number[]> {
  return {
    initial: [],
    allowed: 'a list of whole numbers from 0 on',
    read: v =>
      Array.isArray(v) && v.every(x => Number.isSafeInteger(x) && x >= 0) ? Object.freeze([...v]) : undefined,
  }
}

/** An option that may be left open. */
export function optional<T>(spec: Omit<OptionSpec<T>, 'initial'>): OptionSpec<T | null> {
  return { initial: null, allowed: `${spec.allowed}, or null`, read: v => (v === null ? null : spec.read(v)) }
}

/** JSON has no number for minus infinity: '-inf' and null stand for it. */
export function belowInfinity(): OptionSpec<number> {
  return {
    initial: Number.NEGATIVE_INFINITY,
    allowed: "a number or '-inf'",
    read: v =>
      v === '-inf' || v === null
        ? Number.NEGATIVE_INFINITY
        : typeof v === 'number' && v < Number.POSITIVE_INFINITY
          ? v
          : undefined,
  }
}
