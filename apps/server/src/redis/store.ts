import type { Redis } from 'ioredis'
import type { JobFailure, JobRequest, JobStatus } from '../jobs/types.js'
import { Keys } from './keys.js'
import { scripts } from './scripts.js'

/** A job's record as it lies in Redis. */
export interface JobRecord {
  readonly id: string
  readonly owner: string
  readonly kind: JobRequest['kind']
  readonly model: string
  readonly queue: string
  readonly priority: string
  readonly status: JobStatus
  readonly attempt: string
  /** Milliseconds since 1970, by the broker's clock. */
  readonly createdAt: string
  readonly startedAt?: string
  readonly finishedAt?: string
  /** JSON of a Progress, the latest. */
  readonly progress?: string
  /** JSON of a JobFailure. */
  readonly failure?: string
}

export type Admission = readonly ['created' | 'known' | 'full' | 'limited', string | number]

export interface Admit {
  readonly internal: string
  readonly record: Pick<JobRecord, 'id' | 'owner' | 'kind' | 'model' | 'queue' | 'priority'>
  readonly request: Buffer
  /** Most that may wait. */
  readonly limit: number
  /** Milliseconds a token, and how many may come at once; no limit when absent. */
  readonly rate?: { readonly period: number; readonly burst: number }
  /** Milliseconds. */
  readonly ttl: number
}

export interface Finish {
  /** The attempt that ends it; absent: its owner does. */
  readonly attempt?: number
  readonly status: 'succeeded' | 'failed' | 'cancelled'
  readonly result?: Buffer
  readonly failure?: JobFailure
  /** Milliseconds. */
  readonly ttl: number
}

/** One of the jobs in a queue. */
export interface Place {
  readonly internal: string
  readonly queue: string
}

type Script = (...args: (string | number | Buffer)[]) => Promise<never>

/** Jobs as they lie in Redis: what happens to them, each in one step. */
export class JobStore {
  readonly #run: Record<keyof typeof scripts, Script>

  constructor(
    readonly redis: Redis,
    readonly keys: Keys = new Keys(),
  ) {
    const run: Partial<Record<keyof typeof scripts, Script>> = {}
    for (const name of Object.keys(scripts) as (keyof typeof scripts)[]) {
      const [numberOfKeys, lua] = scripts[name]
      redis.defineCommand(`viscpm_${name}`, { numberOfKeys, lua })
      const command = (redis as unknown as Record<string, Script>)[`viscpm_${name}`]!
      run[name] = command.bind(redis)
    }
    this.#run = run as Record<keyof typeof scripts, Script>
  }

  /** Takes a job in, if there is place for it and it is not known yet. */
  admit({ internal, record, request, limit, rate, ttl }: Admit): Promise<Admission> {
    const { keys } = this
    return this.#run.admit(
      keys.record(internal),
      keys.request(internal),
      keys.queued(record.queue),
      keys.bucket(record.kind, record.owner),
      internal,
      limit,
      rate?.period ?? 0,
      rate?.burst ?? 0,
      ttl,
      request,
      ...Object.entries(record).flat(),
    )
  }

  /** Starts an attempt, of which every message carries the number. */
  begin(
    { internal, queue }: Place,
    worker: string,
    losses: number,
  ): Promise<readonly ['run' | 'lost' | 'over', number]> {
    const { keys } = this
    const names = [keys.record(internal), keys.queued(queue), keys.running(queue), keys.events(internal)]
    return this.#run.begin(...names, internal, worker, losses)
  }

  /** @returns whether the attempt is still the one that is wanted */
  async emit(internal: string, attempt: number, seq: number, type: string, data: Buffer): Promise<boolean> {
    const { keys } = this
    const names = [keys.record(internal), keys.events(internal), keys.preview(internal)]
    return (await this.#run.emit(...names, attempt, seq, type, data)) === 1
  }

  /** @returns whether this ended it: of all who try, one does */
  async finish({ internal, queue }: Place, { attempt, status, result, failure, ttl }: Finish): Promise<boolean> {
    const { keys } = this
    const names = [
      ...[keys.record(internal), keys.result(internal), keys.request(internal), keys.events(internal)],
      ...[keys.queued(queue), keys.running(queue), keys.preview(internal), keys.pace(queue)],
    ]
    const told = failure ? JSON.stringify(failure) : ''
    return (await this.#run.finish(...names, attempt ?? '', internal, status, result ?? '', told, ttl)) === 1
  }

  /** Lets others have it. @returns false where it was lost more than `losses` times */
  async giveBack({ internal, queue }: Place, attempt: number, lost: boolean, losses: number): Promise<boolean> {
    const { keys } = this
    const names = [keys.record(internal), keys.queued(queue), keys.running(queue)]
    return (await this.#run.giveBack(...names, attempt, internal, lost ? 1 : 0, losses)) !== -1
  }

  async record(internal: string): Promise<JobRecord | undefined> {
    const fields = await this.redis.hgetall(this.keys.record(internal))
    return fields.status === undefined ? undefined : (fields as unknown as JobRecord)
  }

  /** Whether an attempt is still the one that is wanted. */
  async isCurrent(internal: string, attempt: number): Promise<boolean> {
    const [status, current] = await this.redis.hmget(this.keys.record(internal), 'status', 'attempt')
    return status === 'running' && current === String(attempt)
  }

  async counts(queue: string): Promise<{ readonly queued: number; readonly running: number }> {
    const { redis, keys } = this
    const [queued, running] = await Promise.all([redis.zcard(keys.queued(queue)), redis.zcard(keys.running(queue))])
    return { queued, running }
  }
}
