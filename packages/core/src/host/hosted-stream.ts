import { InvalidArgumentError } from '../errors.js'

type AnyIterator = AsyncIterator<unknown, unknown> | Iterator<unknown, unknown>

function iteratorOf(source: unknown, method: string): AnyIterator {
  const iterable = Object(source) as Partial<AsyncIterable<unknown> & Iterable<unknown>>
  const iterator =
    typeof source === 'string' ? undefined : (iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]?.())
  if (!iterator)
    throw new InvalidArgumentError({
      argument: 'method',
      message: `'${method}' returned nothing that can be iterated`,
      hint: 'Use call() for methods that return one value.',
    })
  return iterator as AnyIterator
}

/** The hosted end of a stream: iterates as far as the reader lets it. */
export class HostedStream {
  private left = false
  /** True while hosted code runs, as opposed to waiting for the reader. */
  private working = false
  private wakeUp: (() => void) | undefined

  /** @param credits items that may be sent before the reader has taken any */
  constructor(
    private credits: number,
    private readonly controller: AbortController,
  ) {
    controller.signal.addEventListener('abort', () => this.wakeUp?.(), { once: true })
  }

  more(): void {
    this.credits++
    this.wakeUp?.()
  }

  /** The reader is gone: stops between two items, or aborts what computes the next one. */
  leave(): void {
    this.left = true
    if (this.working) this.controller.abort(new DOMException('The reader left the stream', 'AbortError'))
    this.wakeUp?.()
  }

  /**
   * Runs the iteration to its end.
   * @throws what the iteration throws; the abort reason when aborted, even if the iteration ignores its signal
   */
  async run(method: string, open: () => unknown, send: (kind: 'item' | 'end', value: unknown) => void): Promise<void> {
    let iterator: AnyIterator | undefined
    try {
      iterator = iteratorOf(await this.work(open), method)
      const next = () => iterator!.next()
      while (await this.mayGoOn()) {
        const { done, value } = await this.work(next)
        if (done) return send('end', value)
        if (this.left) break
        this.credits--
        send('item', await value)
      }
    } catch (error) {
      if (!this.left) {
        await iterator?.return?.()
        throw error
      }
    }
    await iterator?.return?.()
    if (!this.left) this.controller.signal.throwIfAborted()
    send('end', undefined)
  }

  private async work<T>(step: () => T): Promise<Awaited<T>> {
    this.working = true
    try {
      return await step()
    } finally {
      this.working = false
    }
  }

  /** Waits for the reader; false when it left or aborted. */
  private async mayGoOn(): Promise<boolean> {
    const { signal } = this.controller
    while (this.credits <= 0 && !this.left && !signal.aborted)
      await new Promise<void>(resolve => {
        this.wakeUp = resolve
      })
    return !this.left && !signal.aborted
  }
}
