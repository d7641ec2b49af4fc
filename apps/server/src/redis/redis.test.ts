import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job, JobEvent } from '../jobs/types.js'
import { answerTo, chatRequest, FakeEngine, paintRequest } from './fixtures/fake-engine.js'
import { hasRedis, TestRedis } from './fixtures/redis-server.js'
import { openRedisQueue, type RedisJobQueue, type RedisQueueOptions } from './queue.js'
import { type RedisWorker, type RedisWorkerOptions, startWorker } from './worker.js'

const models = new FakeEngine().models
const owner = 'someone'

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('did not fail')
    },
    error => error,
  )
}

async function all(events: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const told: JobEvent[] = []
  for await (const event of events) told.push(event)
  return told
}

/** The text as someone has it who obeys `started`. */
function textOf(events: readonly JobEvent[]): string {
  return events.reduce((text, e) => (e.type === 'started' ? '' : e.type === 'text' ? text + e.text : text), '')
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 1500; i++) {
    if (await holds()) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`never happened: ${what}`)
}

describe.skipIf(!hasRedis())('jobs over Redis', () => {
  let redis: TestRedis
  const closing: { close(options?: { drain?: number }): Promise<void> }[] = []
  const queue = async (options: Partial<RedisQueueOptions> = {}): Promise<RedisJobQueue> => {
    const opened = await openRedisQueue({ url: redis.url, models, ...options })
    closing.push(opened)
    return opened
  }
  const worker = async (options: Partial<RedisWorkerOptions> = {}): Promise<RedisWorker> => {
    const started = await startWorker({ queue: redis.url, engine: new FakeEngine(), ...options })
    closing.push(started)
    return started
  }
  const status = async (job: Job): Promise<string> => (await job.state()).status

  beforeEach(async () => {
    redis = await TestRedis.start()
  })
  afterEach(async () => {
    await Promise.all(closing.splice(0).map(one => one.close({ drain: 0 })))
    await redis.dispose()
  })

  it('are done by a worker, with all that was told, for whoever asks whenever', async () => {
    const jobs = await queue()
    const job = await jobs.submit(chatRequest('what is it?'), { owner })
    expect(await job.state()).toMatchObject({ id: job.id, kind: 'chat', model: 'fake', status: 'queued', position: 0 })
    expect(await jobs.counts()).toEqual({ queued: 1, running: 0 })
    await worker()
    const told = await all(job.events())
    expect(told[0]).toEqual({ type: 'started' })
    expect(textOf(told)).toBe(answerTo('what is it?'))
    expect(told.some(({ type }) => type === 'progress')).toBe(true)
    expect(await job.result()).toMatchObject({ kind: 'chat', answer: { text: answerTo('what is it?') } })
    // Another process, afterwards.
    const late = (await (await queue()).find(job.id, owner))!
    expect(textOf(await all(late.events()))).toBe(answerTo('what is it?'))
    expect(await late.result()).toEqual(await job.result())
    expect(await late.state()).toMatchObject({ status: 'succeeded', finishedAt: expect.any(Number) })
    expect(await jobs.counts()).toEqual({ queued: 0, running: 0 })
    expect(await jobs.find(job.id, 'another')).toBeUndefined()
    expect(await jobs.find('unknown', owner)).toBeUndefined()
  })

  it('carry pictures both ways, and show previews', async () => {
    const engine = new FakeEngine({ pause: 150 })
    const jobs = await queue()
    await worker({ engine })
    const image = new Uint8Array(1 << 20).map((_, i) => i * 13)
    const job = await jobs.submit({ ...paintRequest('一只猫', 6), image, strength: 0.5 }, { owner })
    const told = await all(job.events())
    const previews = told.flatMap(event => (event.type === 'preview' ? [event] : []))
    expect(previews.length).toBeGreaterThan(0)
    for (const { step, steps, images } of previews) {
      expect(steps).toBe(6)
      expect([...images[0]!]).toEqual([137, 80, 78, 71, step])
    }
    const result = await job.result()
    expect(result).toMatchObject({ kind: 'paint', status: 'painted', chosen: [0] })
    if (result.kind === 'paint') expect(new TextDecoder().decode(result.candidates[0]!.png)).toBe('42 一只猫')
    expect(engine.begun[0]).toMatchObject({ prompt: '一只猫', strength: 0.5, previews: true })
    expect(Buffer.compare(Buffer.from((engine.begun[0] as { image: Uint8Array }).image), Buffer.from(image))).toBe(0)
  })

  it('have their chances drawn when they are taken in, so that whoever takes them up does the same', async () => {
    const engine = new FakeEngine()
    const jobs = await queue()
    const { seed: _, ...unseeded } = paintRequest('x')
    const sampled = { ...chatRequest('y'), decoding: { decoding: 'sample' } } as const
    const all = [unseeded, { ...unseeded, seed: '7' }, sampled, chatRequest('z')]
    const handed = await Promise.all(all.map(request => jobs.submit(request, { owner })))
    await worker({ engine })
    await Promise.all(handed.map(job => job.result()))
    const of = (kind: string) => engine.begun.filter(request => request.kind === kind)
    const seeds = of('paint').map(request => (request as { seed?: string }).seed)
    expect(seeds).toContain('7')
    for (const seed of seeds) expect(seed).toMatch(/^\d+$/)
    const decodings = of('chat').map(request => (request as typeof sampled).decoding)
    expect(decodings).toContainEqual({ decoding: 'sample', seed: expect.any(Number) })
    expect(decodings).toContainEqual({ decoding: 'greedy' })
  })

  it('are the same job under the same id, and another under another owner', async () => {
    const jobs = await queue()
    const first = await jobs.submit(chatRequest('one'), { owner, id: 'mine' })
    const again = await jobs.submit(chatRequest('one'), { owner, id: 'mine' })
    const other = await jobs.submit(chatRequest('two'), { owner: 'another', id: 'mine' })
    expect(await jobs.counts()).toMatchObject({ queued: 2 })
    const engine = new FakeEngine()
    await worker({ engine })
    expect(await again.result()).toMatchObject({ answer: { text: answerTo('one') } })
    expect(await other.result()).toMatchObject({ answer: { text: answerTo('two') } })
    const afterwards = await jobs.submit(chatRequest('one'), { owner, id: 'mine' })
    expect(await afterwards.result()).toEqual(await first.result())
    expect(engine.begun.length).toBe(2)
  })

  it('are bounded, limited by owner, and told when to come again', async () => {
    const jobs = await queue({ maxQueued: 3, rateLimit: { paint: { perMinute: 6, burst: 2 } } })
    for (const question of ['a', 'b', 'c']) await jobs.submit(chatRequest(question), { owner, id: question })
    const full = await failure(jobs.submit(chatRequest('d'), { owner }))
    expect(full).toMatchObject({ code: 'QUEUE_FULL', retryAfter: expect.any(Number) })
    // One that is known needs no place; another kind has places of its own.
    expect((await jobs.submit(chatRequest('a'), { owner, id: 'a' })).id).toBe('a')
    await jobs.submit(paintRequest('x'), { owner })
    await jobs.submit(paintRequest('y'), { owner })
    const limited = (await failure(jobs.submit(paintRequest('z'), { owner }))) as { retryAfter: number }
    expect(limited).toMatchObject({ code: 'RATE_LIMITED' })
    expect(limited.retryAfter).toBeGreaterThan(0)
    expect(limited.retryAfter).toBeLessThanOrEqual(10)
    await jobs.submit(paintRequest('z'), { owner: 'another' })
  })

  it('wait in the order of their priorities and know their places', async () => {
    const jobs = await queue()
    const submit = (question: string, priority?: number): Promise<Job> =>
      jobs.submit(chatRequest(question), { owner, ...(priority !== undefined && { priority }) })
    const [usual, later, sooner] = [await submit('usual'), await submit('later', 5), await submit('sooner', -5)]
    const places = async () => (await Promise.all([sooner, usual, later].map(job => job.state()))).map(s => s.position)
    expect(await places()).toEqual([0, 1, 2])
    const engine = new FakeEngine()
    await worker({ engine, concurrency: 1 })
    await Promise.all([usual, later, sooner].map(job => job.result()))
    expect(engine.begun.map(request => (request as { question: string }).question)).toEqual([
      'sooner',
      'usual',
      'later',
    ])
  })

  it('are cancelled by their owner, waiting or running', async () => {
    const jobs = await queue()
    const engine = new FakeEngine()
    const waiting = await jobs.submit(chatRequest('hang before'), { owner })
    await waiting.cancel()
    expect(await failure(waiting.result())).toMatchObject({ code: 'JOB_CANCELLED' })
    await worker({ engine })
    const running = await jobs.submit(chatRequest('hang on'), { owner })
    await until(() => engine.begun.length === 1, 'begun')
    expect(await status(running)).toBe('running')
    const told = all(running.events())
    await running.cancel()
    await told
    expect(await failure(running.result())).toMatchObject({ code: 'JOB_CANCELLED' })
    await until(() => engine.stopped.length === 1, 'the engine is stopped')
    expect(engine.begun.length).toBe(1)
    expect(await status(running)).toBe('cancelled')
    // The place is free, and what is done stays done.
    const next = await jobs.submit(chatRequest('next'), { owner })
    await next.result()
    await next.cancel()
    expect(await status(next)).toBe('succeeded')
  })

  it('fail with a code and a fixed text', async () => {
    const jobs = await queue()
    await worker()
    const job = await jobs.submit(chatRequest('wrong'), { owner })
    const failed = await failure(job.result())
    expect(failed).toMatchObject({ code: 'JOB_FAILED', failure: { code: 'invalid_request', param: 'max_tokens' } })
    expect(await job.state()).toMatchObject({ status: 'failed', failure: { code: 'invalid_request' } })
    expect(await all(job.events())).toEqual([{ type: 'started' }])
  })

  it("survive their model's process, but not for ever", { timeout: 120_000 }, async () => {
    const jobs = await queue()
    await worker({ losses: 1 })
    const [crash, doomed] = [
      await jobs.submit(chatRequest('crash'), { owner }),
      await jobs.submit(chatRequest('doomed'), { owner }),
    ]
    const told = await all(crash.events())
    // Taken up again, it said the same: nothing is told twice.
    expect(told.filter(({ type }) => type === 'started').length).toBe(1)
    expect(textOf(told)).toBe(answerTo('crash'))
    expect(await crash.result()).toMatchObject({ answer: { text: answerTo('crash') } })
    expect(await failure(doomed.result())).toMatchObject({ failure: { code: 'worker_lost' } })
  })

  it('are given back when a worker is stopped, and begin anew where they differ', { timeout: 120_000 }, async () => {
    const jobs = await queue()
    const slow = await worker({ engine: new FakeEngine({ pause: 200 }) })
    const job = await jobs.submit(chatRequest('another answer to a long question'), { owner })
    const told: JobEvent[] = []
    const reading = (async () => {
      for await (const event of job.events()) told.push(event)
    })()
    await until(() => told.some(({ type }) => type === 'text'), 'text')
    await slow.close({ drain: 0 })
    expect(await job.state()).toMatchObject({ status: 'queued', position: 0 })
    await worker()
    const result = await job.result()
    await reading
    expect(told.filter(({ type }) => type === 'started').length).toBe(2)
    expect(result).toMatchObject({ answer: { text: textOf(told) } })
  })

  it('never show an earlier step again when another worker paints anew', { timeout: 60_000 }, async () => {
    const jobs = await queue()
    const slow = await worker({ engine: new FakeEngine({ pause: 100 }) })
    const job = await jobs.submit(paintRequest('a cat', 40), { owner })
    const steps: number[] = []
    const reading = (async () => {
      for await (const event of job.events()) if (event.type === 'preview') steps.push(event.step)
    })()
    await until(() => (steps.at(-1) ?? 0) >= 3, 'previews')
    await slow.close({ drain: 0 })
    const before = steps.at(-1)!
    await worker({ engine: new FakeEngine({ pause: 40 }) })
    await job.result()
    await reading
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b))
    expect(before).toBeLessThan(39)
    expect(steps.at(-1)).toBe(39)
  })

  it('drain: what runs is finished, nothing new is begun', async () => {
    const jobs = await queue()
    const engine = new FakeEngine({ pause: 50 })
    const stopping = await worker({ engine })
    const job = await jobs.submit(chatRequest('finish me'), { owner })
    await until(() => engine.begun.length === 1, 'begun')
    const closed = stopping.close({ drain: 60_000 })
    const next = await jobs.submit(chatRequest('not me'), { owner })
    await closed
    expect(await status(job)).toBe('succeeded')
    expect(await status(next)).toBe('queued')
    expect(engine.begun.length).toBe(1)
  })

  it('an engine that does not listen costs its place for a while, not the worker', { timeout: 120_000 }, async () => {
    const jobs = await queue()
    await worker({ grace: 300 })
    const deaf = await jobs.submit(chatRequest('deaf'), { owner })
    await until(async () => (await status(deaf)) === 'running', 'running')
    await deaf.cancel()
    const next = await jobs.submit(chatRequest('next'), { owner })
    expect(await next.result()).toMatchObject({ answer: { text: answerTo('next') } })
  })
})
