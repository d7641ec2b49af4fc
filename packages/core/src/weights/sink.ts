/** Where bytes are written, front to back; nothing is visible to others until `commit`. */
export interface ByteSink {
  /** Shown in errors. */
  readonly name: string
  /** Appends. Await it before the next call. @throws WriteFailedError */
  write(bytes: Uint8Array): Promise<void>
  /** Makes everything written final. @throws WriteFailedError */
  commit(): Promise<void>
  /** Drops everything written. Never throws; does nothing after `commit` or a second time. */
  abort(): Promise<void>
}

/** A sink into memory, for browsers and tests. `bytes()` is what was committed, undefined before. */
export function memorySink(name = 'memory'): ByteSink & { bytes(): Uint8Array | undefined } {
  let parts: Uint8Array[] = []
  let done: Uint8Array | undefined
  return {
    name,
    async write(bytes) {
      parts.push(new Uint8Array(bytes))
    },
    async commit() {
      const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
      let at = 0
      for (const part of parts) {
        all.set(part, at)
        at += part.length
      }
      parts = []
      done = all
    },
    async abort() {
      parts = []
    },
    bytes: () => done,
  }
}
