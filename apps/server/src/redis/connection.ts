import { ConfigError, InvalidArgumentError, type Logger } from '@viscpm/core'
import { Redis, type RedisOptions } from 'ioredis'

/** Where the broker is, for messages and logs: never with a password. */
export interface BrokerPlace {
  readonly shown: string
  readonly options: RedisOptions
}

/**
 * Reads `redis://[user[:password]@]host[:port][/db]` or `rediss://...` (TLS). Without a password in it, `VISCPM_REDIS_PASSWORD` is
 * taken: process lists show arguments, not variables.
 * @throws InvalidArgumentError, which does not repeat the URL
 */
export function brokerPlace(url: string, env: Readonly<Record<string, string | undefined>> = process.env): BrokerPlace {
  const wrong = (message: string): InvalidArgumentError =>
    new InvalidArgumentError({
      argument: 'queue',
      message,
      hint: 'It looks like redis://host:6379, or rediss://user@host:6379/0 with VISCPM_REDIS_PASSWORD set.',
    })
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw wrong('is no URL')
  }
  if (parsed.protocol !== 'redis:' && parsed.protocol !== 'rediss:')
    throw wrong(`must begin with redis:// or rediss://, not ${parsed.protocol}//`)
  if (parsed.hostname === '') throw wrong('names no host')
  if (parsed.search !== '' || parsed.hash !== '') throw wrong('takes no ? and no # part')
  const [, db = ''] = /^\/?(\d*)$/.exec(parsed.pathname) ?? [undefined, undefined]
  if (!/^\/?\d*$/.test(parsed.pathname)) throw wrong(`must end with the number of a database, not ${parsed.pathname}`)
  const password = decodeURIComponent(parsed.password) || env.VISCPM_REDIS_PASSWORD
  const host = parsed.hostname.replace(/^\[|\]$/g, '')
  const port = parsed.port === '' ? 6379 : Number(parsed.port)
  return {
    shown: `${parsed.protocol}//${parsed.hostname}:${port}${db === '' ? '' : `/${db}`}`,
    options: {
      host,
      port,
      ...(db !== '' && { db: Number(db) }),
      ...(parsed.username !== '' && { username: decodeURIComponent(parsed.username) }),
      ...(password && { password }),
      // The certificate must be of this name; NODE_EXTRA_CA_CERTS adds an authority of one's own.
      ...(parsed.protocol === 'rediss:' && { tls: { servername: host } }),
    },
  }
}

export interface ConnectOptions {
  readonly logger: Logger
  /** Milliseconds in which the first connection must succeed. Default 10,000. */
  readonly timeout?: number
}

/**
 * Connects; afterwards the connection comes back by itself whenever it is lost, and commands wait for that.
 * @throws ConfigError when the broker cannot be reached at first, or refuses the password
 */
export async function connect(url: string, { logger, timeout = 10_000 }: ConnectOptions): Promise<Redis> {
  const { shown, options } = brokerPlace(url)
  const redis = new Redis({
    ...options,
    lazyConnect: true,
    // BullMQ asks for it; and a job's result must not be dropped because the broker is away for a minute.
    maxRetriesPerRequest: null,
    connectTimeout: timeout,
    retryStrategy: times => Math.min(100 * times, 2000),
  })
  const failed = (cause: unknown): ConfigError =>
    new ConfigError({
      field: 'queue',
      message: `the Redis at ${shown} cannot be used: ${textOf(cause)}`,
      hint: 'Is it running there, and is VISCPM_REDIS_PASSWORD right?',
      // Not the error itself: it may hold the command that failed, with the password in it.
      cause: new Error(textOf(cause)),
    })
  let last: unknown = new Error('no answer')
  let refuse: (reason: unknown) => void = () => {}
  let first = true
  redis.on('error', error => {
    last = error
    if (first && hopeless.test(textOf(error))) refuse(failed(error))
    else if (!first) logger.warn('connection to Redis failed', { queue: shown, reason: textOf(error) })
  })
  let timer: NodeJS.Timeout | undefined
  try {
    // A broker that is just being started is waited for.
    await new Promise<unknown>((resolve, reject) => {
      refuse = reject
      timer = setTimeout(() => reject(failed(last)), timeout)
      redis.once('ready', resolve)
      redis.connect().catch(() => {})
    })
    await redis.ping()
    return redis
  } catch (error) {
    redis.disconnect()
    throw error instanceof ConfigError ? error : failed(error)
  } finally {
    first = false
    clearTimeout(timer)
  }
}

/** What does not become better by waiting. */
const hopeless = /WRONGPASS|NOAUTH|NOPERM|invalid password|certificate|ENOTFOUND|wrong version number/i

function textOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return message || code || String(error)
}

/** A further connection to the same place, for commands that wait. */
export function another(redis: Redis): Redis {
  const copy = redis.duplicate({ lazyConnect: false })
  // Told by the first one already.
  copy.on('error', () => {})
  return copy
}
