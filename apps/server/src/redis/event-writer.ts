import type { JobEvent } from '../jobs/types.js'
import { pack } from './codec.js'
import type { JobStore } from './store.js'

interface Pending {
  readonly type: string
  data: Buffer | string
  /** Given when it is first written: the store takes each number once, so what may have been written can be written again. */
  seq?: number
}

/**
 * Writes what an attempt tells into the job's stream, in order and without making the model wait: what comes while something is being
 * written is joined (text) or replaced by what comes later (progress, previews). Text that the broker does not take, as when its memory
 * is full, is written with what comes next.
 */
export class EventWriter {
  readonly #pending: Pending[] = []
  #writing: Promise<void> | undefined
  #seq = 0
  #unwanted = false
  #failure: unknown

  /** @param onUnwanted called once when nobody wants this attempt any more */
  constructor(
    private readonly store: JobStore,
    private readonly internal: string,
    private readonly attempt: number,
    private readonly onUnwanted: () => void,
  ) {}

  readonly emit = (event: JobEvent): void => {
    if (this.#unwanted || event.type === 'started') return // told when the attempt began
    const waiting = this.#pending.find(({ type }) => type === event.type)
    if (event.type === 'text') {
      // Only the last one may grow: what came between is told before it.
      const last = this.#pending.at(-1)
      if (last?.type === 'text' && last.seq === undefined) last.data = `${last.data}${event.text}`
      else this.#pending.push({ type: 'text', data: event.text })
    } else {
      const data = event.type === 'progress' ? JSON.stringify(event.progress) : packPreview(event)
      if (waiting) waiting.data = data
      else this.#pending.push({ type: event.type, data })
    }
    this.#begin()
  }

  #begin(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  /** Never rejects: nobody waits for it while the model works. */
  async #write(): Promise<void> {
    await undefined // lets what is emitted at once be written at once
    for (let next = this.#pending.shift(); next; next = this.#pending.shift()) {
      const data = typeof next.data === 'string' ? Buffer.from(next.data) : next.data
      next.seq ??= ++this.#seq
      try {
        if (await this.store.emit(this.internal, this.attempt, next.seq, next.type, data)) continue
      } catch (error) {
        if (next.type !== 'text') continue // a later one says more
        this.#failure = error
        this.#pending.unshift(next)
        return
      }
      this.#unwanted = true
      this.#pending.length = 0
      this.onUnwanted()
    }
  }

  /** When all is written that was emitted so far; what could not be is tried once more. @throws what the connection throws */
  async flushed(): Promise<void> {
    while (this.#writing) await this.#writing
    if (this.#pending.length === 0) return
    this.#begin()
    await this.#writing
    if (this.#pending.length > 0) throw this.#failure
  }
}

function packPreview({ step, steps, images }: Extract<JobEvent, { type: 'preview' }>): Buffer {
  return pack({ step, steps, images })
}
