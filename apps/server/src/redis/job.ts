import { ClosingError, JobCancelledError, JobFailedError } from '../jobs/errors.js'
import type { Job, JobEvent, JobFailure, JobResult, JobState } from '../jobs/types.js'
import { unpack } from './codec.js'
import { Mailbox } from './mailbox.js'
import { inTime } from './patience.js'
import type { Pump } from './pump.js'
import type { JobRecord, JobStore, Place } from './store.js'

/** What jobs need of the queue that they lie in. */
export interface JobHome {
  readonly store: JobStore
  readonly pump: Pump
  /** Milliseconds after which the broker is taken to be away. */
  readonly timeout: number
  /** Jobs before it. */
  position(place: Place): Promise<number | undefined>
  cancel(place: Place): Promise<void>
}

/** Milliseconds after which a job of which nothing was heard is looked up: its record may have expired, or the broker lost it. */
const doubt = 3000

type Preview = Extract<JobEvent, { type: 'preview' }>

/** A job whose state is in Redis; any number of processes may hold one for the same job. */
export class RedisJob implements Job {
  constructor(
    readonly id: string,
    private readonly place: Place,
    private readonly home: JobHome,
  ) {}

  /** All that was told so far, what can be said in few words in few words, then what is told from now on. */
  async *events(signal?: AbortSignal): AsyncGenerator<JobEvent> {
    const mailbox = new Mailbox()
    let step = -1
    for await (const _ of this.#follow(mailbox, signal)) {
      for (const event of mailbox.take()) {
        if (event.type !== 'preview') yield event
        else {
          const preview = await this.#preview()
          // A job that was taken up again paints the same: until it is as far as it was, nothing is new.
          if (!preview || preview.step <= step) continue
          step = preview.step
          yield preview
        }
      }
    }
  }

  async result(): Promise<JobResult> {
    const mailbox = new Mailbox()
    for await (const _ of this.#follow(mailbox)) if (mailbox.ended) break
    const { store } = this.home
    const record = await this.#record()
    if (record.status === 'cancelled') throw new JobCancelledError()
    if (record.status === 'failed') throw new JobFailedError(JSON.parse(record.failure!) as JobFailure)
    const result = await store.redis.getBuffer(store.keys.result(this.place.internal))
    if (result === null) throw expired()
    return unpack<JobResult>(result)
  }

  state(): Promise<JobState> {
    return inTime(this.#state(), this.home.timeout)
  }

  async #state(): Promise<JobState> {
    const record = await this.#record()
    const time = (ms: string | undefined): number | undefined => (ms === undefined ? undefined : Number(ms))
    const [startedAt, finishedAt] = [time(record.startedAt), time(record.finishedAt)]
    const position = record.status === 'queued' ? await this.home.position(this.place) : undefined
    return {
      id: this.id,
      kind: record.kind,
      model: record.model,
      status: record.status,
      createdAt: Number(record.createdAt),
      ...(position !== undefined && { position }),
      ...(record.progress !== undefined && { progress: JSON.parse(record.progress) }),
      ...(startedAt !== undefined && { startedAt }),
      ...(finishedAt !== undefined && { finishedAt }),
      ...(record.failure !== undefined && { failure: JSON.parse(record.failure) as JobFailure }),
    }
  }

  async cancel(): Promise<void> {
    await inTime(this.home.cancel(this.place), this.home.timeout)
  }

  /** Goes round whenever there is something new in the mailbox, a last time when the job has ended. */
  async *#follow(mailbox: Mailbox, signal?: AbortSignal): AsyncGenerator<void> {
    const { store, pump } = this.home
    const leave = pump.follow(store.keys.events(this.place.internal), mailbox)
    try {
      for (;;) {
        await mailbox.changed(doubt, signal)
        signal?.throwIfAborted()
        if (pump.closed) throw new ClosingError('the queue was closed while the job was watched')
        yield
        if (mailbox.ended) return
        // After what came from the stream, so that an end found here comes after all that was told.
        if (Date.now() - mailbox.at > doubt) await this.#lookUp(mailbox)
      }
    } finally {
      leave()
    }
  }

  async #lookUp(mailbox: Mailbox): Promise<void> {
    // One that is not known any more has ended too; its result says so.
    const { status = 'failed' } = (await this.home.store.record(this.place.internal)) ?? {}
    if (status !== 'queued' && status !== 'running') mailbox.end(status)
    mailbox.at = Date.now()
  }

  async #record(): Promise<JobRecord> {
    const record = await this.home.store.record(this.place.internal)
    if (record === undefined) throw expired()
    return record
  }

  async #preview(): Promise<Preview | undefined> {
    const { redis, keys } = this.home.store
    const bytes = await redis.getBuffer(keys.preview(this.place.internal))
    return bytes === null ? undefined : { type: 'preview', ...unpack<Omit<Preview, 'type'>>(bytes) }
  }
}

function expired(): JobFailedError {
  return new JobFailedError({ code: 'job_expired', message: 'The job is not known any more.' })
}
