import type { Progress } from '@viscpm/core'
import { JobCancelledError, JobFailedError } from './errors.js'
import { Mailbox } from './mailbox.js'
import type { JobEvent, JobFailure, JobRequest, JobResult, JobState, JobStatus } from './types.js'

/** A job of the in-process queue, and who listens to it. */
export class MemoryJob {
  readonly kind: JobRequest['kind']
  readonly model: string
  readonly createdAt: number = Date.now()
  readonly stop: AbortController = new AbortController()
  status: JobStatus = 'queued'
  startedAt: number | undefined
  finishedAt: number | undefined
  /** Bytes of pictures and texts, given while it waits and made once it is done. */
  bytes: number
  /** Let go when it starts: pictures need not be kept twice. */
  request: JobRequest | undefined
  private readonly readers = new Set<Mailbox>()
  private text = ''
  private progress: Progress | undefined
  private preview: JobEvent | undefined
  private failure: JobFailure | undefined
  private readonly settled: PromiseWithResolvers<JobResult> = withResolvers()

  constructor(
    readonly id: string,
    readonly owner: string,
    readonly priority: number,
    request: JobRequest,
  ) {
    this.kind = request.kind
    this.model = request.model
    this.request = request
    this.bytes = requestBytes(request)
    // Nobody need be waiting for it.
    this.settled.promise.catch(() => {})
  }

  get done(): boolean {
    return this.finishedAt !== undefined
  }

  get result(): Promise<JobResult> {
    return this.settled.promise
  }

  start(): JobRequest {
    const request = this.request!
    this.request = undefined
    this.bytes = 0
    this.status = 'running'
    this.startedAt = Date.now()
    this.tell({ type: 'started' })
    return request
  }

  tell(event: JobEvent): void {
    if (this.done) return
    if (event.type === 'text') this.text += event.text
    if (event.type === 'progress') this.progress = event.progress
    if (event.type === 'preview') this.preview = event
    for (const reader of this.readers) reader.push(event)
  }

  /** What was told so far in short, then what is told. */
  listen(signal: AbortSignal | undefined): Mailbox {
    const reader: Mailbox = new Mailbox(() => this.readers.delete(reader), signal)
    if (this.startedAt !== undefined) reader.push({ type: 'started' })
    if (this.progress) reader.push({ type: 'progress', progress: this.progress })
    if (this.text !== '') reader.push({ type: 'text', text: this.text })
    if (this.preview) reader.push(this.preview)
    if (this.done) reader.end()
    else this.readers.add(reader)
    return reader
  }

  succeed(result: JobResult): void {
    this.finish('succeeded')
    this.bytes = resultBytes(result)
    this.settled.resolve(result)
  }

  fail(failure: JobFailure): void {
    this.finish('failed')
    this.failure = failure
    this.settled.reject(new JobFailedError(failure))
  }

  cancelled(): void {
    this.finish('cancelled')
    this.settled.reject(new JobCancelledError())
  }

  state(position: number): JobState {
    return {
      id: this.id,
      kind: this.kind,
      model: this.model,
      status: this.status,
      ...(position >= 0 && this.status === 'queued' && { position }),
      ...(this.progress && { progress: this.progress }),
      createdAt: this.createdAt,
      ...(this.startedAt !== undefined && { startedAt: this.startedAt }),
      ...(this.finishedAt !== undefined && { finishedAt: this.finishedAt }),
      ...(this.failure && { failure: this.failure }),
    }
  }

  private finish(status: JobStatus): void {
    this.status = status
    this.finishedAt = Date.now()
    this.request = undefined
    this.bytes = 0
    this.preview = undefined
    for (const reader of this.readers) reader.end()
    this.readers.clear()
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(reason: unknown): void
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

function requestBytes(request: JobRequest): number {
  const given =
    request.kind === 'chat'
      ? [request.image, request.question, ...request.turns.flatMap(({ question, answer }) => [question, answer])]
      : [request.image, request.mask, request.prompt, request.negativePrompt]
  return given.reduce((sum, one) => sum + (typeof one === 'string' ? Buffer.byteLength(one) : (one?.length ?? 0)), 0)
}

function resultBytes(result: JobResult): number {
  return result.kind === 'chat' ? result.answer.text.length : result.candidates.reduce((n, c) => n + c.png.length, 0)
}
