import type { Logger as Pino } from 'pino'
import { type EngineModel, openEngine } from './engine/index.js'
import { type FileStore, MemoryFiles } from './files/index.js'
import type { Metrics } from './http/metrics.js'
import { isClientFault, MemoryQueue } from './jobs/index.js'
import type { JobQueue } from './jobs/types.js'
import { openRedisQueue } from './redis/index.js'
import type { StartServerOptions } from './start.js'

/** What answers requests. */
export interface Computing {
  readonly queue: JobQueue
  /** Where uploaded pictures are. */
  readonly files: FileStore
  readonly models: () => readonly EngineModel[]
  /** Starts what has to be started. @throws what loading a model throws */
  load(): Promise<void>
  dispose(): Promise<void>
}

const embedded = [{ id: 'tiny', where: 'tiny' }]

/** Milliseconds between two looks at which workers live. */
const lookMs = 3000

const loggerOf = (log: Pino) => ({
  debug: (message: string, fields?: object) => log.debug(fields ?? {}, message),
  info: (message: string, fields?: object) => log.info(fields ?? {}, message),
  warn: (message: string, fields?: object) => log.warn(fields ?? {}, message),
  error: (message: string, fields?: object) => log.error(fields ?? {}, message),
})

/** Models in processes beside this one, or a queue that others work on. @throws what opening either throws */
export function computing(options: StartServerOptions, metrics: Metrics, log: Pino): Promise<Computing> {
  return options.queue === undefined
    ? computingHere(options, metrics, log)
    : computingElsewhere(options.queue, options, log)
}

async function computingHere(options: StartServerOptions, metrics: Metrics, log: Pino): Promise<Computing> {
  const { models = embedded, maxQueued, apiKeyFile, rateLimit } = options
  const engine = await openEngine({ ...options, models, logger: loggerOf(log) })
  const files = new MemoryFiles(options.files)
  const queue = new MemoryQueue({
    engine: metrics.counted(engine),
    ...(maxQueued !== undefined && { maxQueued }),
    ...(rateLimit && { rateLimit }),
    // Nobody fills the queue for the others, where there are others.
    ...(apiKeyFile !== undefined && { maxQueuedPerOwner: Math.ceil((maxQueued ?? 100) / 2) }),
    onEnd: (state, failed) => {
      metrics.jobEnded(state)
      const { id, kind, model } = state
      if (failed && !isClientFault(failed.failure))
        log.error({ id, kind, model, code: failed.failure.code, err: failed.error }, 'job failed')
    },
  })
  const dispose = async (): Promise<void> => {
    files.close()
    await engine.dispose()
  }
  return { queue, files, models: () => engine.models, load: () => engine.ready(), dispose }
}

/** A queue that may say who works on it, and keep files. */
type WatchedQueue = JobQueue & {
  readonly files?: FileStore
  workers?(): Promise<readonly { readonly models: readonly EngineModel[] }[]>
}

async function computingElsewhere(
  given: string | JobQueue,
  { models: named, maxQueued, rateLimit, files: limits }: StartServerOptions,
  log: Pino,
): Promise<Computing> {
  // Only asked what they are: no process is started.
  const own = named ? (await openEngine({ models: named })).models : []
  const queue: WatchedQueue =
    typeof given === 'string'
      ? await openRedisQueue({
          url: given,
          models: own,
          ...(maxQueued !== undefined && { maxQueued }),
          ...(rateLimit && { rateLimit }),
          ...(limits && { files: limits }),
          logger: loggerOf(log),
        })
      : given
  let known: readonly EngineModel[] = own
  const look = async (): Promise<void> => {
    const told = ((await queue.workers?.()) ?? []).flatMap(({ models }) => models)
    const all = [...told, ...own]
    known = all.filter((one, i) => all.findIndex(({ id, kind }) => id === one.id && kind === one.kind) === i)
  }
  await look()
  const timer = setInterval(
    () => void look().catch(error => log.warn({ err: error }, 'workers unknown')),
    lookMs,
  ).unref()
  const files = queue.files ?? new MemoryFiles(limits)
  const dispose = async (): Promise<void> => {
    files.close()
    clearInterval(timer)
  }
  return { queue, files, models: () => known, load: async () => {}, dispose }
}
