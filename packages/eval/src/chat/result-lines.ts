/** Where results are kept one by one: a file of JSON lines, or memory. */
export interface ResultLines<T> {
  /** Of earlier runs. */
  readonly found: readonly T[]
  /** Resolved when it is kept. */
  append(record: T): Promise<void>
}
