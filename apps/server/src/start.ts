import { InvalidArgumentError } from '@viscpm/core'
import type { SafetySetup } from '@viscpm/safety'
import { checkSafetyFiles } from '@viscpm/safety/node'
import { type Logger as Pino, pino } from 'pino'
import { computing } from './computing.js'
import type { EngineOptions } from './engine/index.js'
import type { FileLimits } from './files/types.js'
import { buildApp } from './http/app.js'
import { Metrics } from './http/metrics.js'
import { Moderator } from './http/moderation/moderator.js'
import { listen, type NodeServerOptions, shut } from './http/node-server.js'
import { isLoopback } from './http/security/addresses.js'
import { ApiKeys } from './http/security/api-keys.js'
import type { RemoteImageOptions } from './http/security/remote-image.js'
import { StaticFiles } from './http/static-files.js'
import type { RateLimits } from './jobs/rate-limit.js'
import type { JobQueue } from './jobs/types.js'
import { brokerPlace } from './redis/index.js'

export interface StartServerOptions
  extends Omit<EngineOptions, 'models' | 'kinds' | 'logger'>,
    Partial<Omit<NodeServerOptions, 'fetch'>> {
  /** Default: the embedded model, as 'tiny'. */
  readonly models?: EngineOptions['models']
  /** File of API keys, see `ApiKeys.parse`. Needed where the server is bound to more than this machine. */
  readonly apiKeyFile?: string
  /** Names that requests may call the server by, besides localhost and `host`. */
  readonly allowedHosts?: readonly string[]
  /** Other pages that may use it, e.g. 'https://app.example'. */
  readonly allowedOrigins?: readonly string[]
  /** Whether pictures are fetched from the https URLs of requests, and how. Default false. */
  readonly remoteImages?: boolean | RemoteImageOptions
  /** Most jobs that wait in this process. Default 100. */
  readonly maxQueued?: number
  /** How often each key may send jobs, by kind; what the queue has of its own, where `queue` is one. Default: as often as they like. */
  readonly rateLimit?: RateLimits
  /** Of pictures that are uploaded; what the queue has of its own, where `queue` is one. */
  readonly files?: Partial<FileLimits>
  /**
   * Where jobs wait if not in this process: `redis://...`, or a queue. Then the models are those of its workers, and none is loaded here;
   * `models` are what is taken in while no worker has told of it.
   */
  readonly queue?: string | JobQueue
  /** Milliseconds that `close` waits for what runs. Default 25,000. */
  readonly drain?: number
  /** Least level that is logged, to standard error as JSON; or a logger. Default 'info'. */
  readonly log?: 'silent' | 'error' | 'warn' | 'info' | 'debug' | Pino
  /** Folder of a built page. Default: that of @viscpm/web. */
  readonly web?: string
}

export interface RunningServer {
  /** e.g. http://127.0.0.1:8080 */
  readonly url: string
  /** Where jobs wait, if that is Redis; never with a password. */
  readonly queue?: string
  /** Whether it serves a page. */
  readonly hasPage: boolean
  /** Resolves when all models are loaded; rejects with what loading one throws. Requests wait for it by themselves. */
  readonly ready: Promise<void>
  /** Takes in no more, lets what runs end, frees everything. Idempotent. */
  close(): Promise<void>
}

/** A body holds two pictures of 20 MB as a form, or one in base64 and texts. */
const maxBodyBytes = 42 * 2 ** 20

/** @throws InvalidArgumentError for an address that others reach, without keys */
async function keysFor(host: string, file: string | undefined): Promise<ApiKeys | undefined> {
  if (file !== undefined) return ApiKeys.read(file)
  if (isLoopback(host)) return undefined
  throw new InvalidArgumentError({
    argument: 'host',
    message: `${host} can be reached from other machines, and nobody would need a key`,
    hint: 'Give a file of API keys (--api-key-file, option apiKeyFile), or bind 127.0.0.1.',
  })
}

function loggerOf(log: StartServerOptions['log'] = 'info'): Pino {
  if (typeof log !== 'string') return log
  const err = (error: unknown) => {
    const { name, code, message, stack } = error as Error & { readonly code?: unknown }
    return { type: name, code, message, stack }
  }
  return pino({ level: log, base: null, serializers: { err } }, pino.destination({ dest: 2, sync: true }))
}

/**
 * Starts a server; it listens when this resolves, while models are still being loaded.
 * @throws InvalidArgumentError, ConfigError, FileNotFoundError and others for what is wrong with the options, before it listens
 */
export async function startServer(options: StartServerOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8080, allowedHosts = [], allowedOrigins = [], remoteImages = false } = options
  const safety: SafetySetup = options.safety ?? { preset: 'strict' }
  const keys = await keysFor(host, options.apiKeyFile)
  await checkSafetyFiles(safety)
  const log = loggerOf(options.log)
  const metrics = new Metrics()
  const { queue, files, models, load, dispose } = await computing(options, metrics, log)
  const moderator = new Moderator(safety)
  const statics = new StaticFiles(options.web === undefined ? {} : { web: options.web })
  metrics.watch(queue, models)
  let loaded = false
  let closing: Promise<void> | undefined
  const app = buildApp({
    ...{ queue, files, models, moderator, metrics, log, statics, maxBodyBytes },
    isReady: async () => loaded && closing === undefined && (await answers(queue)),
    remoteImages: remoteImages === true ? {} : remoteImages || undefined,
    guards: { host, allowedHosts, allowedOrigins, keys },
  })
  const limits = pick(options, ['maxConnections', 'headersTimeout', 'requestTimeout'])
  const { server, url } = await listen({ ...limits, host, port, fetch: app.fetch }).catch(async error => {
    await Promise.all([queue.close(), moderator.dispose(), dispose()])
    throw error
  })
  const ready = load()
  ready.then(
    () => {
      loaded = true
    },
    error => closing === undefined && log.error({ err: error }, 'a model cannot be loaded'),
  )
  log.info({ host, port: new URL(url).port, models: models().map(({ id, kind }) => `${id} (${kind})`) }, 'listening')

  const close = async (): Promise<void> => {
    log.info('closing')
    await queue.close({ drain: options.drain ?? 25_000 })
    await shut(server, 5_000)
    await Promise.all([moderator.dispose(), dispose()])
    metrics.registry.clear()
    log.info('closed')
  }
  return {
    url,
    ...(typeof options.queue === 'string' && { queue: brokerPlace(options.queue).shown }),
    hasPage: statics.hasPage,
    ready,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

/** Whether the queue can be asked: one on another machine may be away. */
function answers(queue: JobQueue): Promise<boolean> {
  return queue.counts().then(
    () => true,
    () => false,
  )
}

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.flatMap(name => (from[name] === undefined ? [] : [[name, from[name]]]))) as Pick<T, K>
}
