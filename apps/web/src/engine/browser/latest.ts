/** Passes the newest value on to one reader; what it had no time for is dropped. */
export class Latest<T extends object> implements AsyncIterable<T> {
  #value: T | undefined
  #ended = false
  #wake = () => {}

  put(value: T): void {
    this.#value = value
    this.#wake()
  }

  /** After the last value. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      const value = this.#value
      this.#value = undefined
      if (value) yield value
      else if (this.#ended) return
      else
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
    }
  }
}
