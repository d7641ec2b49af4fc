import { randomUUID } from 'node:crypto'
import { InvalidArgumentError, type Logger, silentLogger } from '@viscpm/core'
import type { Redis } from 'ioredis'
import { fileLimits } from '../files/limits.js'
import type { FileLimits, FileStore } from '../files/types.js'
import { ClosingError, JobCancelledError, QueueFullError, RateLimitedError } from '../jobs/errors.js'
import { bucketOf, type RateLimits } from '../jobs/rate-limit.js'
import type { Engine, Job, JobQueue, JobRequest, QueueCounts, SubmitOptions } from '../jobs/types.js'
import { checkBroker } from './broker.js'
import { BullQueues } from './bull.js'
import { pack } from './codec.js'
import { another, connect } from './connection.js'
import { RedisFiles } from './files.js'
import { type JobHome, RedisJob } from './job.js'
import { internalId, Keys, modelOf, queueName } from './keys.js'
import { inTime } from './patience.js'
import { Pump } from './pump.js'
import { knownQueues, livingWorkers, type WorkerState } from './registry.js'
import { settled } from './settle.js'
import { JobStore, type Place } from './store.js'

export interface RedisQueueOptions {
  /** `redis://` or `rediss://`, see `brokerPlace`. */
  readonly url: string
  /** Models that jobs are taken for even while no worker has told of them. */
  readonly models?: Engine['models']
  /** Most jobs of a model that may wait. Default 1000. */
  readonly maxQueued?: number
  /** By kind of job, for each owner. Default: none. */
  readonly rateLimit?: RateLimits
  /** Of pictures that are uploaded to the servers of this queue. */
  readonly files?: Partial<FileLimits>
  /** Seconds that what a job became is kept. Default 3600. */
  readonly keepSeconds?: number
  /** Seconds after which a job that nobody took is forgotten. Default 86,400. */
  readonly waitSeconds?: number
  readonly logger?: Logger
  /** Before all keys. Default '{viscpm}'; the braces keep them in one slot of a cluster. */
  readonly prefix?: string
  /** Milliseconds after which nothing is taken in, and no question answered, because the broker does not answer. Default 5000. */
  readonly timeout?: number
}

/** Jobs that wait in Redis for workers on any machine. Made by `openRedisQueue`. */
export class RedisJobQueue implements JobQueue, JobHome {
  /** Pictures that were uploaded, for all servers of this queue. */
  readonly files: FileStore
  /** Milliseconds after which the broker is taken to be away. */
  readonly timeout: number
  #closing: Promise<void> | undefined

  /** @internal made by `openRedisQueue` */
  constructor(
    readonly store: JobStore,
    readonly pump: Pump,
    private readonly bull: BullQueues,
    private readonly options: RedisQueueOptions,
  ) {
    this.timeout = options.timeout ?? 5000
    this.files = new RedisFiles(store.redis, store.keys, options.files, this.timeout)
  }

  /**
   * The same id of the same owner is the same job, whatever became of it, until its result is forgotten.
   * @throws QueueFullError when too many wait or come, or the broker does not answer; ClosingError; InvalidArgumentError for a model that
   * no worker has, or an id that is too long
   */
  async submit(request: JobRequest, { owner, id: given, priority = 0 }: SubmitOptions): Promise<Job> {
    if (this.#closing) throw new ClosingError()
    const id = given ?? randomUUID()
    if (id.length < 1 || id.length > 256)
      throw new InvalidArgumentError({ argument: 'id', message: 'must have 1 to 256 characters' })
    let late = false
    try {
      // Nobody would wait for what is taken in later, unless it can be asked for again by its id.
      return await inTime(
        this.#take(request, owner, id, priority, () => late && given === undefined),
        this.timeout,
      )
    } catch (error) {
      late = true
      throw error
    }
  }

  async #take(request: JobRequest, owner: string, id: string, priority: number, unwanted: () => boolean): Promise<Job> {
    const { kind, model } = request
    const place: Place = { internal: internalId(owner, id), queue: queueName(kind, model) }
    await this.#checkModel(request, place.queue)
    const { maxQueued = 1000, waitSeconds = 86_400, rateLimit } = this.options
    const rate = rateLimit?.[kind]
    const record = { id, owner, kind, model, queue: place.queue, priority: String(priority) }
    const [what, detail] = await this.store.admit({
      internal: place.internal,
      record,
      request: pack(settled(request)),
      limit: maxQueued,
      ttl: waitSeconds * 1000,
      ...(rate && { rate: bucketOf(rate) }),
    })
    if (what === 'full')
      throw new QueueFullError(`${detail} jobs wait already`, await this.#secondsToPlace(place.queue))
    if (what === 'limited') throw new RateLimitedError(Math.ceil(Number(detail) / 1000))
    if (unwanted()) {
      await this.cancel(place)
      throw new JobCancelledError()
    }
    // Whoever took it in before may have died before it was in line; in line twice it cannot be.
    if (what === 'created' || detail === 'queued') await this.bull.add(place.internal, record)
    return new RedisJob(id, place, this)
  }

  async #checkModel({ kind, model }: JobRequest, queue: string): Promise<void> {
    const { redis, keys } = this.store
    if (this.options.models?.some(known => known.kind === kind && known.id === model)) return
    if ((await redis.zscore(keys.models, queue)) !== null) return
    throw new InvalidArgumentError({
      argument: 'model',
      message: `no worker has ${JSON.stringify(model)} for ${kind}`,
      hint: 'Start one: viscpm worker --queue URL --model WHERE',
    })
  }

  /** Until one of those that wait is taken: what a job takes, by those who work. */
  async #secondsToPlace(queue: string): Promise<number> {
    const { redis, keys } = this.store
    const [pace, workers] = await Promise.all([redis.get(keys.pace(queue)), this.workers()])
    const serving = workers.filter(({ models }) => models.some(({ kind, id }) => queueName(kind, id) === queue))
    const places = serving.reduce((sum, { concurrency }) => sum + concurrency, 0)
    return Math.min(600, Math.max(1, Math.ceil(Number(pace ?? 10_000) / 1000 / Math.max(1, places))))
  }

  /** @throws QueueFullError when the broker does not answer, as all that asks it for something */
  async find(id: string, owner: string): Promise<Job | undefined> {
    const internal = internalId(owner, id)
    const { redis, keys } = this.store
    const queue = await inTime(redis.hget(keys.record(internal), 'queue'), this.timeout)
    return queue === null ? undefined : new RedisJob(id, { internal, queue }, this)
  }

  async counts(): Promise<{ readonly queued: number; readonly running: number }> {
    const all = await this.countsByModel()
    const sum = (what: 'queued' | 'running'): number => all.reduce((total, one) => total + one[what], 0)
    return { queued: sum('queued'), running: sum('running') }
  }

  /** The same for each model that a worker served in the last days: what the number of workers should follow. */
  countsByModel(): Promise<readonly QueueCounts[]> {
    return inTime(this.#counts(), this.timeout)
  }

  async #counts(): Promise<readonly QueueCounts[]> {
    const { redis, keys } = this.store
    const own = (this.options.models ?? []).map(({ kind, id }) => queueName(kind, id))
    const names = [...new Set([...own, ...(await knownQueues(redis, keys))])]
    return Promise.all(
      names.map(async name => {
        const { kind, id: model } = modelOf(name)!
        return { kind, model, ...(await this.store.counts(name)) }
      }),
    )
  }

  /** The workers that live, and what they have. */
  workers(): Promise<readonly WorkerState[]> {
    return livingWorkers(this.store.redis, this.store.keys)
  }

  /** @internal */
  position(place: Place): Promise<number | undefined> {
    return this.bull.position(place)
  }

  /** @internal Whoever works on it notices within half a second. */
  async cancel(place: Place): Promise<void> {
    const ttl = (this.options.keepSeconds ?? 3600) * 1000
    if (await this.store.finish(place, { status: 'cancelled', ttl })) {
      // One that a worker has cannot be taken out of the line, and need not be.
      await this.bull.remove(place).catch(() => {})
    }
  }

  /** Takes in no more, waits at most `drain` milliseconds for those who watch jobs here. The jobs themselves go on elsewhere. */
  close({ drain = 0 }: { readonly drain?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(drain)
    return this.#closing
  }

  async #close(drain: number): Promise<void> {
    const until = Date.now() + drain
    while (this.pump.readers > 0 && Date.now() < until) await new Promise(resolve => setTimeout(resolve, 50))
    this.pump.close()
    await this.bull.close()
    this.store.redis.disconnect()
  }
}

/**
 * Connects to the broker and looks whether jobs are safe with it.
 * @throws InvalidArgumentError for a wrong URL or limit, ConfigError for a broker that cannot be reached or throws keys away
 */
export async function openRedisQueue(options: RedisQueueOptions): Promise<RedisJobQueue> {
  const { url, logger = silentLogger, prefix, rateLimit = {} } = options
  fileLimits(options.files)
  for (const limit of Object.values(rateLimit)) bucketOf(limit)
  const redis: Redis = await connect(url, { logger })
  try {
    await checkBroker(redis, logger)
  } catch (error) {
    redis.disconnect()
    throw error
  }
  const keys = new Keys(prefix)
  const bull = new BullQueues(redis, keys, error => logger.warn('the queue failed', { reason: error.message }))
  return new RedisJobQueue(new JobStore(redis, keys), new Pump(another(redis)), bull, options)
}
