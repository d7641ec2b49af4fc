import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { InvalidArgumentError, type Logger, silentLogger } from '@viscpm/core'
import { type Job as BullJob, DelayedError, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { failureOf } from '../jobs/failure.js'
import type { Engine, JobFailure, JobRequest } from '../jobs/types.js'
import { checkBroker } from './broker.js'
import { type BullData, BullQueues, bullPrefix } from './bull.js'
import { connect } from './connection.js'
import { Keys, queueName } from './keys.js'
import { register } from './registry.js'
import { repair, repairInterval } from './repair.js'
import { JobRun, type RunSettings } from './run.js'
import { JobStore } from './store.js'

export interface RedisWorkerOptions {
  /** `redis://` or `rediss://`, see `brokerPlace`. */
  readonly queue: string
  /** Computes; its models run in processes of their own, so this one's event loop is free to keep the jobs' locks. */
  readonly engine: Engine
  /** Take jobs of one kind only. Default: of all that the engine can do. */
  readonly only?: JobRequest['kind']
  /** Jobs of each model at once. Default 1: a run uses all cores. See `slotsFor`. */
  readonly concurrency?: number
  /** For logs and records. Default: the machine's name and the process's number. */
  readonly name?: string
  readonly logger?: Logger
  /** How often a job may lose its worker before it has failed. Default 5. */
  readonly losses?: number
  /** Seconds that what a job became is kept. Default 3600. */
  readonly keepSeconds?: number
  /** Milliseconds after which a job whose worker says nothing is taken up by another: between one and two of it. Default 20,000. */
  readonly lockDuration?: number
  /** Milliseconds that an engine may take to stop before its place is given to another job. Default 10,000. */
  readonly grace?: number
  /** What a client is told of an error. Default: a code and a fixed text. */
  readonly describe?: (error: unknown) => JobFailure
  readonly prefix?: string
}

/** How often is looked whether jobs were cancelled, in milliseconds. */
const checkInterval = 400
/** Milliseconds before a job whose model's process died is tried again, here or elsewhere. */
const afterCrash = 2000

/** Takes jobs from Redis and computes them. Made by `startWorker`. */
export class RedisWorker {
  readonly #runs = new Set<JobRun>()
  readonly #bulls: readonly Worker<BullData>[]
  readonly #timers: readonly NodeJS.Timeout[]
  readonly #settings: RunSettings
  readonly #unregister: () => Promise<void>
  #draining = false
  #until = Number.POSITIVE_INFINITY
  #closing: Promise<void> | undefined

  private constructor(
    private readonly redis: Redis,
    keys: Keys,
    private readonly queues: BullQueues,
    unregister: () => Promise<void>,
    readonly name: string,
    readonly options: RedisWorkerOptions,
  ) {
    const { engine, concurrency = 1, lockDuration = 20_000, logger = silentLogger } = options
    const { losses = 5, keepSeconds = 3600, grace = 10_000, describe = failureOf } = options
    const store = new JobStore(redis, keys)
    this.#settings = { store, engine, logger, name, losses, ttl: keepSeconds * 1000, grace, describe }
    this.#unregister = unregister
    const names = served(options).map(({ kind, id }) => queueName(kind, id))
    this.#bulls = names.map(queue => {
      const worker = new Worker<BullData>(queue, (job, token) => this.#process(queue, job, token!), {
        connection: redis,
        prefix: bullPrefix(keys),
        name,
        concurrency,
        lockDuration,
        stalledInterval: lockDuration / 2,
        // Counted in the job's record instead, where being given back is not counted.
        maxStalledCount: 1_000_000,
        runRetryDelay: 1000,
      })
      worker.on('error', error => logger.warn('the queue failed', { queue, reason: error.message }))
      return worker
    })
    this.#timers = [
      setInterval(() => void Promise.allSettled([...this.#runs].map(run => run.check())), checkInterval),
      setInterval(() => {
        for (const queue of names) repair(store, queues, queue).catch(() => {})
      }, repairInterval),
    ]
  }

  /** @internal */
  static async start(options: RedisWorkerOptions): Promise<RedisWorker> {
    const { queue, logger = silentLogger, concurrency = 1, prefix } = options
    if (!Number.isInteger(concurrency) || concurrency < 1)
      throw new InvalidArgumentError({ argument: 'concurrency', message: 'must be a whole number of at least 1' })
    const models = served(options)
    if (models.length === 0)
      throw new InvalidArgumentError({
        argument: 'only',
        message: `none of the models can ${options.only ?? 'anything'}`,
      })
    const redis = await connect(queue, { logger })
    try {
      await checkBroker(redis, logger)
      const keys = new Keys(prefix)
      const name = options.name ?? `${hostname()}:${process.pid}`
      const unregister = await register(redis, keys, { id: randomUUID(), name, models, concurrency })
      const queues = new BullQueues(redis, keys, () => {})
      return new RedisWorker(redis, keys, queues, unregister, name, options)
    } catch (error) {
      redis.disconnect()
      throw error
    }
  }

  /** Jobs in work. */
  get running(): number {
    return this.#runs.size
  }

  async #process(queue: string, job: BullJob<BullData>, token: string): Promise<void> {
    const run = new JobRun({ internal: job.id!, queue }, this.#settings)
    this.#runs.add(run)
    try {
      const outcome = this.#draining ? 'again' : await run.run()
      if (outcome === 'again') {
        await job.moveToWait(token)
        throw new WaitingError()
      }
      if (outcome === 'later') {
        await job.moveToDelayed(Date.now() + afterCrash, token)
        throw new DelayedError()
      }
    } finally {
      this.#runs.delete(run)
    }
  }

  /**
   * Takes no more jobs, waits at most `drain` milliseconds for those in work, and gives the rest back to others. A second call may
   * shorten the time.
   */
  close({ drain = 30_000 }: { readonly drain?: number } = {}): Promise<void> {
    this.#until = Math.min(this.#until, Date.now() + drain)
    this.#closing ??= this.#close(drain)
    return this.#closing
  }

  async #close(drain: number): Promise<void> {
    this.#draining = true
    const waiting = async (): Promise<void> => {
      while (this.#runs.size > 0 && Date.now() < this.#until) await new Promise(resolve => setTimeout(resolve, 20))
      for (const run of this.#runs) run.stop('draining')
      await Promise.allSettled(this.#bulls.map(worker => worker.close()))
      await Promise.allSettled([this.#unregister()])
    }
    // New ones are not fetched while the old ones are waited for.
    await Promise.allSettled(this.#bulls.map(worker => worker.pause(true)))
    let timer: NodeJS.Timeout | undefined
    // A broker that is away must not hold the process: what it holds is taken up by others.
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, drain + this.#settings.grace + 5000)
    })
    await Promise.race([waiting(), late])
    clearTimeout(timer)
    for (const timer of this.#timers) clearInterval(timer)
    await this.queues.close()
    this.redis.disconnect()
  }
}

function served({ engine, only }: Pick<RedisWorkerOptions, 'engine' | 'only'>): Engine['models'] {
  return engine.models.filter(({ kind }) => only === undefined || kind === only)
}

/**
 * Takes jobs from Redis, computes them with the engine, and stores what they became. The engine stays the caller's: dispose of it after
 * `close`.
 * @throws InvalidArgumentError for wrong options, ConfigError for a broker that cannot be reached or throws keys away
 */
export function startWorker(options: RedisWorkerOptions): Promise<RedisWorker> {
  return RedisWorker.start(options)
}
