import { availableParallelism } from 'node:os'
import { InvalidArgumentError, silentLogger } from '@viscpm/core'
import { machineMemory } from '@viscpm/core/node'
import { type EngineOptions, type LocalEngine, openEngine } from '../engine/index.js'
import { brokerPlace } from './connection.js'
import { EnginePool } from './engine-pool.js'
import { neededMemory, type Slots, slotsFor } from './slots.js'
import { type RedisWorker, type RedisWorkerOptions, startWorker } from './worker.js'

export interface ModelWorkerOptions
  extends Omit<EngineOptions, 'kinds' | 'logger'>,
    Omit<RedisWorkerOptions, 'engine' | 'concurrency'> {
  /** Jobs of each model at once, each with a copy of its model. Default: what cores and free memory allow. */
  readonly concurrency?: number
}

/** A worker with models of its own. */
export interface ModelWorker extends Slots {
  readonly name: string
  readonly models: LocalEngine['models']
  /** Where the broker is, without a password. */
  readonly queue: string
  /** Jobs in work. */
  readonly running: number
  /** As `RedisWorker.close`, and ends the models' processes. */
  close(options?: { readonly drain?: number }): Promise<void>
}

/**
 * Loads models, each in processes of its own, and computes the jobs that wait for them in Redis: what `viscpm worker` does.
 * @throws InvalidArgumentError for wrong options or where no model can do what is asked for, InsufficientMemoryError, ConfigError for
 * the broker, and what loading a model throws
 */
export async function startModelWorker(options: ModelWorkerOptions): Promise<ModelWorker> {
  const { models, only, queue, concurrency: wanted, threads: given, logger = silentLogger } = options
  const { shown } = brokerPlace(queue) // before anything heavy
  const { device, computeDtype, keepHalf, memory, safety, killAfter } = options
  const engineOptions: EngineOptions = {
    models,
    logger,
    ...(only && { kinds: [only] }),
    ...(device !== undefined && { device }),
    ...(computeDtype !== undefined && { computeDtype }),
    ...(keepHalf !== undefined && { keepHalf }),
    ...(memory !== undefined && { memory }),
    ...(safety !== undefined && { safety }),
    ...(killAfter !== undefined && { killAfter }),
  }
  const engines: LocalEngine[] = []
  const dispose = async (): Promise<void> => {
    await Promise.allSettled(engines.map(engine => engine.dispose()))
  }
  try {
    const first = await openEngine(engineOptions)
    engines.push(first)
    if (first.models.length === 0)
      throw new InvalidArgumentError({ argument: 'only', message: `none of the models can ${only ?? 'do anything'}` })
    const needed = await neededBy(first, options)
    const { free } = machineMemory()
    const slots = slotsFor({ needed, free, cores: availableParallelism(), threads: given, concurrency: wanted })
    const { concurrency, threads } = slots
    // The first one was only asked what there is: how many threads it may use was not known yet.
    await first.dispose()
    engines.length = 0
    for (let i = 0; i < concurrency; i++) engines.push(await openEngine({ ...engineOptions, threads }))
    for (const engine of engines) await engine.ready()
    const [one, ...more] = engines
    const worker = await startWorker({ ...options, engine: new EnginePool([one!, ...more]), concurrency })
    return handle(worker, { queue: shown, models: one!.models, ...slots }, dispose)
  } catch (error) {
    await dispose()
    throw error
  }
}

function handle(
  worker: RedisWorker,
  facts: Slots & Pick<ModelWorker, 'queue' | 'models'>,
  dispose: () => Promise<void>,
): ModelWorker {
  return {
    ...facts,
    name: worker.name,
    get running() {
      return worker.running
    },
    async close(options) {
      await worker.close(options)
      await dispose()
    },
  }
}

/** Of one copy of all models. */
async function neededBy({ models }: LocalEngine, options: ModelWorkerOptions): Promise<number> {
  const places = new Map(options.models.map(({ id, where }) => [id, where]))
  const each = await Promise.all(models.map(({ id, kind }) => neededMemory(places.get(id)!, kind, options.memory)))
  return each.reduce((sum, bytes) => sum + bytes, 0)
}
