import { randomUUID } from 'node:crypto'
import { ClosingError, QueueFullError } from './errors.js'
import { failureOf } from './failure.js'
import { FairLine } from './fair-line.js'
import { MemoryJob } from './memory-job.js'
import { RateLimiter, type RateLimits } from './rate-limit.js'
import type { Engine, Job, JobFailure, JobQueue, JobRequest, JobState, QueueCounts, SubmitOptions } from './types.js'

export interface MemoryQueueOptions {
  readonly engine: Pick<Engine, 'run'>
  /** Most jobs that wait. Default 100. */
  readonly maxQueued?: number
  /** Most of these that are of one owner. Default `maxQueued`. */
  readonly maxQueuedPerOwner?: number
  /** Most bytes of pictures and texts that wait with them. Default 512 MB. */
  readonly maxQueuedBytes?: number
  /** By kind of job, for each owner. Default: none. */
  readonly rateLimit?: RateLimits
  /** Jobs of one model at a time. Default 1: they would share the same processor. */
  readonly concurrency?: number
  /** How long a job that ended is remembered, in milliseconds. Default ten minutes. */
  readonly keepMs?: number
  /** Most bytes of results that are kept; the oldest go first. Default 128 MB. */
  readonly keepBytes?: number
  /** Most jobs that are remembered after their end. Default 1000. */
  readonly keepJobs?: number
  /** Told of every job that ended; `failure` with its error where it failed. */
  readonly onEnd?: (state: JobState, failed?: { readonly failure: JobFailure; readonly error: unknown }) => void
}

/** Jobs of one model and kind: they wait for each other, not for those of other models. */
interface Lane {
  readonly kind: JobRequest['kind']
  readonly model: string
  readonly line: FairLine<MemoryJob>
  running: number
  /** Milliseconds, of the jobs so far; newer ones count more. */
  usual: number
}

/** Jobs in this process, bounded in number and bytes; see `JobQueue`. */
export class MemoryQueue implements JobQueue {
  private readonly jobs = new Map<string, MemoryJob>()
  private readonly lanes = new Map<string, Lane>()
  private readonly waiting = new Set<MemoryJob>()
  /** Those that ended, oldest first. */
  private readonly ended = new Set<MemoryJob>()
  private endedBytes = 0
  private closing = false
  private readonly sweep: NodeJS.Timeout
  private readonly limits: Required<Omit<MemoryQueueOptions, 'engine' | 'rateLimit' | 'onEnd'>>
  private readonly rates: RateLimiter

  constructor(private readonly options: MemoryQueueOptions) {
    const { engine: _engine, onEnd: _onEnd, rateLimit, ...given } = options
    this.rates = new RateLimiter(rateLimit)
    this.limits = {
      maxQueued: 100,
      maxQueuedPerOwner: given.maxQueued ?? 100,
      maxQueuedBytes: 512 * 2 ** 20,
      concurrency: 1,
      keepMs: 600_000,
      keepBytes: 128 * 2 ** 20,
      keepJobs: 1000,
      ...given,
    }
    this.sweep = setInterval(() => this.forget(), Math.min(this.limits.keepMs, 30_000)).unref()
  }

  async submit(request: JobRequest, { owner, id = randomUUID(), priority = 0 }: SubmitOptions): Promise<Job> {
    if (this.closing) throw new ClosingError()
    const known = this.jobs.get(id)
    if (known?.owner === owner) return this.handle(known)
    const job = new MemoryJob(known ? randomUUID() : id, owner, priority, request)
    const lane = this.laneOf(job)
    this.checkRoom(job, lane)
    this.rates.take(job.kind, owner)
    this.jobs.set(job.id, job)
    lane.line.push(job)
    this.waiting.add(job)
    // Later, so that whoever submitted can listen first.
    setImmediate(() => this.pump(lane))
    return this.handle(job)
  }

  async find(id: string, owner: string): Promise<Job | undefined> {
    this.forget()
    const job = this.jobs.get(id)
    return job?.owner === owner ? this.handle(job) : undefined
  }

  async counts(): Promise<{ queued: number; running: number }> {
    const lanes = await this.countsByModel()
    const sum = (what: 'queued' | 'running'): number => lanes.reduce((total, one) => total + one[what], 0)
    return { queued: sum('queued'), running: sum('running') }
  }

  async countsByModel(): Promise<readonly QueueCounts[]> {
    return [...this.lanes.values()].map(({ kind, model, line, running }) => ({
      ...{ kind, model, running },
      queued: line.length,
    }))
  }

  async close({ drain = 0 }: { readonly drain?: number } = {}): Promise<void> {
    this.closing = true
    const open = [...this.jobs.values()].filter(job => !job.done)
    const all = Promise.allSettled(open.map(job => job.result))
    let timer: NodeJS.Timeout | undefined
    if (drain > 0)
      await Promise.race([
        all,
        new Promise(resolve => {
          timer = setTimeout(resolve, drain)
        }),
      ])
    clearTimeout(timer)
    for (const job of open) this.cancel(job)
    await all
    clearInterval(this.sweep)
  }

  private handle(job: MemoryJob): Job {
    return {
      id: job.id,
      events: signal => job.listen(signal),
      result: () => job.result,
      state: async () => job.state(this.laneOf(job).line.position(job)),
      cancel: async () => this.cancel(job),
    }
  }

  private cancel(job: MemoryJob): void {
    if (job.done) return
    if (this.laneOf(job).line.remove(job)) {
      this.waiting.delete(job)
      job.cancelled()
      this.keep(job)
    } else job.stop.abort(new DOMException('The job was cancelled', 'AbortError'))
  }

  private laneOf({ kind, model }: Pick<JobRequest, 'kind' | 'model'>): Lane {
    const key = `${kind} ${model}`
    const lane = this.lanes.get(key) ?? { kind, model, line: new FairLine<MemoryJob>(), running: 0, usual: 1000 }
    this.lanes.set(key, lane)
    return lane
  }

  /** @throws QueueFullError */
  private checkRoom(job: MemoryJob, lane: Lane): void {
    const { maxQueued, maxQueuedPerOwner, maxQueuedBytes } = this.limits
    let [own, bytes] = [0, job.bytes]
    for (const one of this.waiting) {
      bytes += one.bytes
      if (one.owner === job.owner) own++
    }
    if (this.waiting.size < maxQueued && own < maxQueuedPerOwner && bytes <= maxQueuedBytes) return
    const seconds = Math.ceil((lane.usual * (lane.line.length + 1)) / 1000 / this.limits.concurrency)
    throw new QueueFullError('too many jobs wait', Math.min(Math.max(seconds, 1), 600))
  }

  private pump(lane: Lane): void {
    while (lane.running < this.limits.concurrency) {
      const job = lane.line.shift()
      if (!job) return
      this.waiting.delete(job)
      lane.running++
      void this.run(job, lane)
    }
  }

  private async run(job: MemoryJob, lane: Lane): Promise<void> {
    const request = job.start()
    const { signal } = job.stop
    let failed: { failure: JobFailure; error: unknown } | undefined
    try {
      job.succeed(await this.options.engine.run(request, { signal, emit: event => job.tell(event) }))
    } catch (error) {
      if (signal.aborted) job.cancelled()
      else {
        failed = { failure: failureOf(error), error }
        job.fail(failed.failure)
      }
    }
    lane.running--
    lane.usual = 0.8 * lane.usual + 0.2 * (job.finishedAt! - job.startedAt!)
    this.keep(job, failed)
    this.pump(lane)
  }

  private keep(job: MemoryJob, failed?: { failure: JobFailure; error: unknown }): void {
    this.ended.add(job)
    this.endedBytes += job.bytes
    this.options.onEnd?.(job.state(-1), failed)
    this.forget()
  }

  /** Lets go of the oldest that ended. */
  private forget(): void {
    const { keepMs, keepBytes, keepJobs } = this.limits
    const old = Date.now() - keepMs
    for (const job of this.ended) {
      if (job.finishedAt! > old && this.endedBytes <= keepBytes && this.ended.size <= keepJobs) return
      this.ended.delete(job)
      this.endedBytes -= job.bytes
      this.jobs.delete(job.id)
    }
  }
}
