import { expect, it } from 'vitest'
import { json, server } from '../fixtures/server.js'
import { hasRedis, TestRedis } from '../redis/fixtures/redis-server.js'

it.skipIf(!hasRedis())('while the broker is away every question is answered', { timeout: 120_000 }, async () => {
  const redis = await TestRedis.start()
  const running = await server({ queue: redis.url, models: [{ id: 'tiny', where: 'tiny' }] })
  try {
    await running.ready
    const made = await fetch(`${running.url}/v1/jobs`, json({ kind: 'paint', prompt: 'a cat' }))
    const { id } = (await made.json()) as { id: string }
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200)
    await redis.kill()
    const ask = async (path: string, method = 'GET') => {
      const answer = await fetch(running.url + path, { method })
      return [answer.status, answer.headers.get('retry-after'), await answer.text()] as const
    }
    const [ready, metrics, job, stopped] = await Promise.all([
      ...[ask('/readyz'), ask('/metrics')],
      ...[ask(`/v1/jobs/${id}`), ask(`/v1/jobs/${id}`, 'DELETE')],
    ])
    expect(ready![0]).toBe(503)
    expect([metrics![0], metrics![2]]).toEqual([200, expect.stringContaining('process_resident_memory_bytes')])
    expect([job![0], job![1], stopped![0]]).toEqual([429, '5', 429])
    await redis.start()
    await expect.poll(() => ask('/readyz').then(([status]) => status), { timeout: 60_000 }).toBe(200)
  } finally {
    await running.close()
    await redis.dispose()
  }
})
