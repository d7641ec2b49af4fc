import { silentLogger } from '@viscpm/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { judgeBroker } from './broker.js'
import { brokerPlace, connect } from './connection.js'
import { hasRedis, TestRedis } from './fixtures/redis-server.js'
import { openRedisQueue } from './queue.js'

describe('where the broker is', () => {
  it('is read from a URL, the password from the environment too', () => {
    expect(brokerPlace('redis://localhost', {})).toEqual({
      shown: 'redis://localhost:6379',
      options: { host: 'localhost', port: 6379 },
    })
    expect(brokerPlace('rediss://me:p%40ss@queue.example:6380/2', {})).toEqual({
      shown: 'rediss://queue.example:6380/2',
      options: {
        host: 'queue.example',
        port: 6380,
        db: 2,
        username: 'me',
        password: 'p@ss',
        tls: { servername: 'queue.example' },
      },
    })
    const { options } = brokerPlace('redis://[::1]:7000', { VISCPM_REDIS_PASSWORD: 'secret' })
    expect(options).toEqual({ host: '::1', port: 7000, password: 'secret' })
  })

  it.each([
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://host/name',
    'redis://host?password=secret',
    'redis://:secret@host:99999',
    '',
  ])('is not %s, and a refusal does not repeat passwords', url => {
    let thrown: unknown
    try {
      brokerPlace(url, {})
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'queue' })
    expect(`${(thrown as Error).message}${(thrown as { hint: string }).hint}`).not.toContain('secret')
  })
})

describe('a broker', () => {
  const warned: string[] = []
  const logger = { ...silentLogger, warn: (message: string) => void warned.push(message) }
  const info = (fields: Record<string, string>): string =>
    Object.entries({ redis_version: '7.0.15', role: 'master', aof_enabled: '1', ...fields })
      .map(([key, value]) => `${key}:${value}\r\n`)
      .join('')

  it('may not throw keys away, be too old or be a copy', () => {
    judgeBroker(info({ maxmemory: '1000', maxmemory_policy: 'noeviction' }), logger)
    expect(warned).toEqual([])
    const bad = [{ maxmemory: '1000', maxmemory_policy: 'allkeys-lru' }, { redis_version: '5.0.7' }, { role: 'slave' }]
    for (const fields of bad) expect(() => judgeBroker(info(fields), logger)).toThrow(/evict|throws keys|old|replica/)
  })

  it('that forgets is warned of', () => {
    judgeBroker(info({ aof_enabled: '0' }), logger)
    judgeBroker(info({ maxmemory: '0', maxmemory_policy: 'volatile-lru' }), logger)
    expect(warned.splice(0)).toHaveLength(2)
  })
})

describe.skipIf(!hasRedis())('connecting', () => {
  let redis: TestRedis | undefined
  beforeEach(() => {
    redis = undefined
  })
  afterEach(() => redis?.dispose())
  const failing = (url: string, timeout = 20_000): Promise<unknown> =>
    connect(url, { logger: silentLogger, timeout }).then(
      connection => {
        connection.disconnect()
        throw new Error('did not fail')
      },
      error => error,
    )

  it('needs the password where there is one, and never shows it', async () => {
    redis = await TestRedis.start('--requirepass', 'sesame')
    const { port } = redis
    const connection = await connect(`redis://:sesame@127.0.0.1:${port}`, { logger: silentLogger })
    expect(await connection.ping()).toBe('PONG')
    connection.disconnect()
    for (const wrong of [`redis://:open-${port}@127.0.0.1:${port}`, `redis://127.0.0.1:${port}`]) {
      const error = (await failing(wrong)) as Error & { hint: string }
      expect(error).toMatchObject({ code: 'CONFIG', field: 'queue' })
      expect(`${error.message} ${error.hint}`).not.toContain('open-')
    }
  })

  it('says where nobody answers', async () => {
    redis = await TestRedis.start()
    const { url, port } = redis
    await redis.kill()
    expect(await failing(url, 300)).toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    })
  })

  it('waits for a broker that is being started', async () => {
    redis = await TestRedis.start()
    await redis.kill()
    const connecting = connect(redis.url, { logger: silentLogger, timeout: 60_000 })
    await redis.start()
    const connection = await connecting
    expect(await connection.ping()).toBe('PONG')
    connection.disconnect()
  })

  it('is refused where keys would be thrown away', async () => {
    redis = await TestRedis.start('--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru')
    await expect(openRedisQueue({ url: redis.url })).rejects.toMatchObject({
      code: 'CONFIG',
      field: 'maxmemory-policy',
    })
  })
})
