interface Waiting {
  resolve(result: IteratorResult<unknown, unknown>): void
  reject(error: unknown): void
}

/** How a stream talks to the hosted side once it has been started. */
interface Control {
  more(): void
  leave(): void
}

interface Source {
  readonly signal: AbortSignal | undefined
  /** Begins the hosted iteration. */
  start(): Control
}

const over = (value?: unknown): IteratorResult<unknown, unknown> => ({ done: true, value })

/** The reader's end of a hosted iteration: keeps what arrived early, asks for more as items are taken. */
export class RemoteStream implements AsyncIterableIterator<unknown> {
  private control: Control | undefined
  private readonly items: unknown[] = []
  private readonly waiting: Waiting[] = []
  private leaving: Waiting | undefined
  /** How it ended, until someone has been told. */
  private ending: { value: unknown } | { error: unknown } | undefined
  private finished = false

  constructor(private readonly source: Source) {}

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<unknown, unknown>> {
    if (this.source.signal?.aborted) this.items.length = 0 // what came before the abort is not wanted any more
    if (this.items.length > 0) {
      const value = this.items.shift()
      if (!this.finished) this.control?.more()
      return { done: false, value }
    }
    if (this.finished) return this.takeEnding()
    if (!this.control) {
      try {
        this.control = this.source.start()
      } catch (error) {
        this.finished = true
        throw error
      }
    }
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }))
  }

  /** Ends the hosted iteration and waits until it has. */
  async return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    this.items.length = 0
    this.ending = undefined
    if (this.finished || !this.control) {
      this.finished = true
      return over(value)
    }
    const { control } = this
    return new Promise((resolve, reject) => {
      this.leaving = { resolve: () => resolve(over(value)), reject }
      control.leave()
    })
  }

  async throw(error?: unknown): Promise<never> {
    await this.return()
    throw error
  }

  push(value: unknown): void {
    if (this.leaving || this.source.signal?.aborted) return
    const reader = this.waiting.shift()
    if (!reader) {
      this.items.push(value)
      return
    }
    this.control?.more()
    reader.resolve({ done: false, value })
  }

  end(value: unknown): void {
    this.finish({ value })
  }

  fail(error: unknown): void {
    this.finish({ error })
  }

  private finish(ending: { value: unknown } | { error: unknown }): void {
    this.finished = true
    if (this.leaving) {
      if ('error' in ending) this.leaving.reject(ending.error)
      else this.leaving.resolve(over())
      for (const reader of this.waiting.splice(0)) reader.resolve(over())
      return
    }
    this.ending = ending
    for (const reader of this.waiting.splice(0)) this.takeEnding().then(reader.resolve, reader.reject)
  }

  private async takeEnding(): Promise<IteratorResult<unknown, unknown>> {
    const { ending } = this
    this.ending = undefined
    if (ending && 'error' in ending) throw ending.error
    return over(ending?.value)
  }
}
