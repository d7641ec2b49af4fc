import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { json, server } from '../fixtures/server.js'
import type { RunningServer } from '../index.js'
import { hasRedis, TestRedis } from '../redis/fixtures/redis-server.js'

const ask = (running: RunningServer, path: string, body: object) => fetch(running.url + path, json(body))
const paint = { kind: 'paint', prompt: 'a cat', steps: 1, candidates: 1 }

/** The status, error code and header of three jobs more than may come at once. */
async function thrice(running: RunningServer): Promise<unknown[]> {
  const said: unknown[] = []
  for (let i = 0; i < 3; i++) {
    const answer = await ask(running, '/v1/jobs', paint)
    const { error } = (await answer.json()) as { error?: { code: string; type: string } }
    said.push([answer.status, error?.code, error?.type, Number(answer.headers.get('retry-after'))])
  }
  return said
}

const expected = [
  [202, undefined, undefined, 0],
  [202, undefined, undefined, 0],
  [429, 'rate_limit_exceeded', 'rate_limit_error', expect.toSatisfy((s: number) => s > 0 && s <= 30)],
]

describe('a rate', () => {
  let running: RunningServer
  beforeAll(async () => {
    running = await server({ rateLimit: { paint: { perMinute: 2 } } })
    await running.ready
  }, 120_000)
  afterAll(() => running?.close())

  it('is kept in this process, for one kind of job', async () => {
    expect(await thrice(running)).toEqual(expected)
    const image = await ask(running, '/v1/images/generations', { prompt: 'a cat' })
    expect([image.status, image.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)])
    const chat = await ask(running, '/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] })
    expect(chat.status).toBe(400)
  })

  it('leaves what waits and runs in the figures, of each kind and model', async () => {
    const text = await (await fetch(`${running.url}/metrics`)).text()
    for (const name of ['queued', 'running'])
      for (const kind of ['chat', 'paint'])
        expect(text).toMatch(new RegExp(`^viscpm_jobs_${name}\\{kind="${kind}",model="tiny"\\} \\d$`, 'm'))
  })

  it('is a number', async () => {
    const wrong = server({ rateLimit: { chat: { perMinute: 0 } } })
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

it.skipIf(!hasRedis())(
  'a rate is kept in Redis, for all servers, as are the figures',
  { timeout: 60_000 },
  async () => {
    const redis = await TestRedis.start()
    const options = {
      ...{ queue: redis.url, models: [{ id: 'tiny', where: 'tiny' }] },
      rateLimit: { paint: { perMinute: 2 } },
    }
    const [one, other] = [await server(options), await server(options)]
    try {
      expect(one.queue).toBe(redis.url)
      expect((await ask(other, '/v1/jobs', paint)).status).toBe(202)
      expect(await thrice(one)).toMatchObject([expected[0], expected[2], expected[2]])
      const text = await (await fetch(`${one.url}/metrics`)).text()
      expect(text).toContain('viscpm_jobs_queued{kind="paint",model="tiny"} 2')
      expect(text).toContain('viscpm_jobs_queued{kind="chat",model="tiny"} 0')
      await expect(server({ ...options, rateLimit: { chat: { perMinute: -1 } } })).rejects.toThrow(/perMinute/)
    } finally {
      await Promise.all([one.close(), other.close()])
      await redis.dispose()
    }
  },
)
