import type { JobEvent } from './types.js'

/**
 * What one reader has not read yet of a job. Never grows beyond the answer's length: texts are joined, of progress and
 * previews only the newest waits.
 */
export class Mailbox implements AsyncIterableIterator<JobEvent> {
  private waiting: JobEvent[] = []
  private ended = false
  private wake: (() => void) | undefined

  constructor(
    private readonly onLeave: () => void = () => {},
    private readonly signal: AbortSignal | undefined = undefined,
  ) {
    signal?.addEventListener('abort', this.woken, { once: true })
  }

  push(event: JobEvent): void {
    if (this.ended) return
    const last = this.waiting.at(-1)
    if (event.type === 'text' && last?.type === 'text')
      this.waiting[this.waiting.length - 1] = { type: 'text', text: last.text + event.text }
    else {
      if (event.type === 'progress' || event.type === 'preview')
        this.waiting = this.waiting.filter(({ type }) => type !== event.type)
      this.waiting.push(event)
    }
    this.woken()
  }

  end(): void {
    this.ended = true
    this.woken()
  }

  async next(): Promise<IteratorResult<JobEvent, undefined>> {
    for (;;) {
      this.signal?.throwIfAborted()
      const event = this.waiting.shift()
      if (event) return { done: false, value: event }
      if (this.ended) return this.return()
      await new Promise<void>(resolve => {
        this.wake = resolve
      })
    }
  }

  async return(): Promise<IteratorResult<JobEvent, undefined>> {
    this.ended = true
    this.waiting = []
    this.signal?.removeEventListener('abort', this.woken)
    this.onLeave()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  private readonly woken = (): void => {
    this.wake?.()
    this.wake = undefined
  }
}
