import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fileStoreCases } from '../files/fixtures/store-cases.js'
import type { FileLimits } from '../files/types.js'
import { hasRedis, TestRedis } from './fixtures/redis-server.js'
import { openRedisQueue, type RedisJobQueue } from './queue.js'

describe.skipIf(!hasRedis())('files in Redis', { timeout: 120_000 }, () => {
  let redis: TestRedis
  const queues: RedisJobQueue[] = []
  const open = async (files: Partial<FileLimits> = {}) => {
    const queue = await openRedisQueue({ url: redis.url, models: [], files, timeout: 5000 })
    queues.push(queue)
    return queue.files
  }
  const content = new Uint8Array(10)

  beforeAll(async () => {
    redis = await TestRedis.start()
  })
  afterEach(async () => {
    await Promise.all(queues.splice(0).map(queue => queue.close()))
    const client = redis.client()
    await client.flushall()
    client.disconnect()
  })
  afterAll(() => redis?.dispose())

  fileStoreCases(open)

  it('are seen by every server of the queue', async () => {
    const [one, other] = [await open(), await open()]
    const { id } = await one.put('ann', { name: 'a', content: Uint8Array.of(1, 2, 3) })
    expect([...(await other.content('ann', id))!]).toEqual([1, 2, 3])
    expect(await other.remove('ann', id)).toBe(true)
    expect(await one.find('ann', id)).toBeUndefined()
  })

  it('are gone after their time, and nothing of them is left', async () => {
    const files = await open({ keepMs: 4000, maxFilesPerOwner: 1 })
    const { id } = await files.put('ann', { name: 'a', content })
    const full = await files.put('ann', { name: 'b', content }).catch(error => error)
    expect(full).toMatchObject({ code: 'FILES_FULL', retryAfter: expect.toSatisfy((s: number) => s >= 1 && s <= 4) })
    await expect.poll(() => files.find('ann', id), { timeout: 20_000 }).toBeUndefined()
    expect(await files.list('ann')).toEqual([])
    const client = redis.client()
    await expect.poll(() => client.keys('*'), { timeout: 20_000 }).toEqual([])
    client.disconnect()
    await files.put('ann', { name: 'b', content })
  })

  it('are not waited for where the broker is away', async () => {
    const files = await open()
    await redis.kill()
    await expect(files.put('ann', { name: 'a', content })).rejects.toMatchObject({ code: 'QUEUE_FULL' })
    await expect(files.content('ann', 'file-1')).rejects.toMatchObject({ code: 'QUEUE_FULL' })
    await redis.start()
  })
})
