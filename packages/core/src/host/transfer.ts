const moved = new WeakMap<object, readonly ArrayBuffer[]>()

/**
 * Marks a value (an argument, a result or a stream's item) so that `buffers` inside it are moved to the other thread
 * instead of copied. They are empty here afterwards, so give away only what nobody else holds. Processes copy anyway.
 */
export function transfer<T extends object>(value: T, buffers: readonly ArrayBuffer[]): T {
  moved.set(value, buffers)
  return value
}

/** The buffers that were marked on any of the values. */
export function transferred(values: readonly unknown[]): ArrayBuffer[] {
  return values.flatMap(value => (typeof value === 'object' && value !== null ? (moved.get(value) ?? []) : []))
}
