import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { QueueFullError } from '../jobs/errors.js'
import type { Job, JobRequest } from '../jobs/types.js'
import { answerTo, chatRequest, FakeEngine, paintRequest } from './fixtures/fake-engine.js'
import { hasRedis, TestRedis } from './fixtures/redis-server.js'
import { WorkerProcesses } from './fixtures/worker-processes.js'
import { internalId, Keys } from './keys.js'
import { openRedisQueue, type RedisJobQueue } from './queue.js'

const count = 1000
const owner = 'chaos'
const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Numbers that look random and are the same each time (xorshift). */
function numbers(seed: number): (below: number) => number {
  let x = seed
  return below => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) % below
  }
}

const requestOf = (i: number): JobRequest => (i % 4 === 0 ? paintRequest(`picture ${i}`) : chatRequest(`question ${i}`))

describe.skipIf(!hasRedis())('a thousand jobs', () => {
  let redis: TestRedis
  let workers: WorkerProcesses
  let queue: RedisJobQueue
  let disposed: boolean
  beforeEach(async () => {
    disposed = false
    redis = await TestRedis.start()
    // A short lock, so that what died is found soon; many losses, as there are many deaths.
    workers = new WorkerProcesses(redis.url, { pause: 25, concurrency: 8, lockDuration: 2000, losses: 50 })
    queue = await openRedisQueue({ url: redis.url, models: new FakeEngine().models, maxQueued: count, timeout: 60_000 })
  })
  afterEach(async () => {
    disposed = true
    await queue.close()
    await workers.dispose()
    await redis.dispose()
  })

  /** As a client does it: it comes again with the same id until it is told that its job was taken in. */
  async function submit(i: number): Promise<Job> {
    for (;;)
      try {
        return await queue.submit(requestOf(i), { owner, id: `job ${i}` })
      } catch (error) {
        if (!(error instanceof QueueFullError)) throw error
        await sleep(100)
      }
  }

  /** As a supervisor does it: one that ends before it is ready is started again. */
  async function replace(): Promise<void> {
    while (!disposed)
      try {
        await workers.start()
        return
      } catch {}
  }

  it('are each done once, while workers are killed and the broker is', { timeout: 300_000 }, async () => {
    const random = numbers(7)
    let done = 0
    let read = 0
    await Promise.all([workers.start(), workers.start(), workers.start()])
    let kills = 0
    let restarted = false
    const killing = (async () => {
      while (done < count) {
        await sleep(300 + random(700))
        const { living } = workers
        const victim = living[random(living.length)]
        if (victim && kills < 12) {
          await workers.end(victim, 'SIGKILL')
          kills++
          void replace()
        }
        if (!restarted && done > count / 3) {
          restarted = true
          await redis.kill()
          await sleep(500)
          await redis.start()
        }
      }
    })()
    const one = async (i: number): Promise<void> => {
      const job = await submit(i)
      // Some are watched from the beginning, some twice, most only waited for.
      const reading = i % 10 === 0 ? textOf(job) : undefined
      const result = await job.result()
      done++
      if (result.kind === 'chat') expect(result.answer.text).toBe(answerTo(`question ${i}`))
      else expect(new TextDecoder().decode(result.candidates[0]!.png)).toBe(`42 picture ${i}`)
      const text = await reading
      if (text === undefined) return
      read++
      if (result.kind === 'chat') expect(text).toBe(answerTo(`question ${i}`))
    }
    await Promise.all(Array.from({ length: count }, (_, i) => sleep(i * 8).then(() => one(i))))
    await killing
    expect({ done, restarted, read }).toEqual({ done: count, restarted: true, read: count / 10 })
    expect(kills).toBeGreaterThan(3)

    // Exactly one end of each is on record, and nothing is left over.
    const client = redis.client()
    const keys = new Keys()
    let attempts = 0
    for (let i = 0; i < count; i++) {
      const internal = internalId(owner, `job ${i}`)
      const told = await client.xrange(keys.events(internal), '-', '+')
      const types = told.map(([, fields]) => fields[1])
      expect(types.filter(type => type === 'end').length).toBe(1)
      expect(types.at(-1)).toBe('end')
      expect(await client.exists(keys.result(internal), keys.request(internal))).toBe(1)
      attempts += types.filter(type => type === 'started').length
    }
    client.disconnect()
    // Some were indeed taken up again.
    expect(attempts).toBeGreaterThan(count)
    expect(await queue.counts()).toEqual({ queued: 0, running: 0 })
  })

  it('a worker that is told to end finishes what it has', { timeout: 120_000 }, async () => {
    const child = await workers.start()
    const jobs = await Promise.all(Array.from({ length: 4 }, (_, i) => submit(i)))
    for (;;) {
      if ((await queue.counts()).queued === 0) break
      await sleep(20)
    }
    expect(await workers.end(child, 'SIGTERM')).toBe(0)
    const states = await Promise.all(jobs.map(job => job.state()))
    expect(states.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'succeeded'))
  })
})

async function textOf(job: Job): Promise<string> {
  let text = ''
  for await (const event of job.events()) {
    if (event.type === 'started') text = ''
    if (event.type === 'text') text += event.text
  }
  return text
}
