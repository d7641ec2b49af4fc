import type { Progress } from '@viscpm/core'
import type { JobEvent, JobStatus } from '../jobs/types.js'

/** One entry of a job's stream of events. */
export interface Entry {
  readonly type: string
  readonly data: Buffer
}

/** What a reader is told; that there is a new preview, not yet what is in it. */
export type Told = Exclude<JobEvent, { type: 'preview' }> | { readonly type: 'preview' }

/**
 * What waits for one reader. A slow one is told less often, and of progress and previews only the latest: what waits is never more than
 * the text. A job that was taken up again tells its text anew; as far as it is the same that was told before, it is not told again.
 * Where it differs (sampling without a seed) there is a second `started`, after which all text begins anew.
 */
export class Mailbox {
  #started = false
  #toldStart = false
  #text = ''
  #told = ''
  #progress: Progress | undefined
  #preview = false
  #ended: JobStatus | undefined
  #news = false
  #wake: (() => void) | undefined
  /** When something was last heard, in milliseconds since 1970. */
  at: number = Date.now()

  /** How the job ended, once all before it was read from the stream. */
  get ended(): JobStatus | undefined {
    return this.#ended
  }

  put({ type, data }: Entry): void {
    if (type === 'started') {
      this.#started = true
      this.#text = ''
      this.#progress = undefined
      this.#preview = false
    } else if (type === 'text') this.#text += data.toString('utf8')
    else if (type === 'progress') this.#progress = JSON.parse(data.toString('utf8')) as Progress
    else if (type === 'preview') this.#preview = true
    else if (type === 'end') this.#ended = data.toString('utf8') as JobStatus
    this.at = Date.now()
    this.poke()
  }

  /** Ends it for another reason than the stream. */
  end(status: JobStatus): void {
    this.#ended ??= status
    this.poke()
  }

  /** Wakes who waits for it. */
  poke(): void {
    this.#news = true
    this.#wake?.()
  }

  /** What is new. */
  take(): Told[] {
    const told: Told[] = []
    if (this.#started && !this.#toldStart) told.push({ type: 'started' })
    this.#toldStart = this.#started
    if (this.#progress) told.push({ type: 'progress', progress: this.#progress })
    this.#progress = undefined
    told.push(...this.#newText())
    if (this.#preview) told.push({ type: 'preview' })
    this.#preview = false
    return told
  }

  #newText(): Told[] {
    const [text, before] = [this.#text, this.#told]
    // A further attempt that has not come as far yet may still say the same.
    if (text.length < before.length && before.startsWith(text) && this.#ended !== 'succeeded') return []
    this.#told = text
    if (!text.startsWith(before))
      return [{ type: 'started' }, ...(text === '' ? [] : [{ type: 'text', text } as const])]
    return text.length > before.length ? [{ type: 'text', text: text.slice(before.length) }] : []
  }

  /** Resolves when something was put in since the last time, after `ms` milliseconds, or with the signal. For one reader only. */
  async changed(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.#news && !signal?.aborted)
      await new Promise<void>(resolve => {
        const wake = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const timer = setTimeout(wake, ms)
        signal?.addEventListener('abort', wake)
        this.#wake = wake
      })
    this.#wake = undefined
    this.#news = false
  }
}
