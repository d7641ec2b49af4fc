import { silentLogger } from '@viscpm/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChatRequest } from '../jobs/types.js'
import { BullQueues, bullPriority } from './bull.js'
import { connect } from './connection.js'
import { EventWriter } from './event-writer.js'
import { answerTo, chatRequest, FakeEngine } from './fixtures/fake-engine.js'
import { hasRedis, TestRedis } from './fixtures/redis-server.js'
import { internalId, Keys, modelOf, queueName } from './keys.js'
import { openRedisQueue, type RedisJobQueue } from './queue.js'
import { register } from './registry.js'
import { repair } from './repair.js'
import { JobStore } from './store.js'
import { startWorker } from './worker.js'

const owner = 'someone'
const name = queueName('chat', 'fake')

describe('names in Redis', () => {
  it('keep owners, ids and models apart', () => {
    expect(internalId('a', 'b')).toBe(internalId('a', 'b'))
    expect(
      new Set(
        [
          ['a', 'bc'],
          ['ab', 'c'],
          ['a', 'b\u0000c'],
          ['a', 'b:c'],
        ].map(([o, i]) => internalId(o!, i!)),
      ).size,
    ).toBe(4)
    for (const id of ['tiny', 'openbmb/VisCPM-Chat', 'a:b', '模型'])
      expect([modelOf(queueName('paint', id)), queueName('paint', id)]).toEqual([
        { kind: 'paint', id },
        expect.not.stringContaining(':'),
      ])
    expect(modelOf('else')).toBeUndefined()
  })

  it('priorities stay in their order within what BullMQ takes', () => {
    const priorities = [-(2 ** 30), -5, 0, 5, 2 ** 30].map(bullPriority)
    expect(priorities).toEqual([...priorities].sort((a, b) => a - b))
    for (const priority of priorities) expect(priority).toBeGreaterThanOrEqual(1)
    for (const priority of priorities) expect(priority).toBeLessThan(2 ** 21)
  })
})

describe.skipIf(!hasRedis())('what can go wrong between two writes', () => {
  let redis: TestRedis
  let queue: RedisJobQueue
  let store: JobStore
  let bull: BullQueues
  const ending: (() => Promise<unknown>)[] = []
  beforeEach(async () => {
    redis = await TestRedis.start()
    queue = await openRedisQueue({ url: redis.url, models: new FakeEngine().models, timeout: 5000 })
    const connection = await connect(redis.url, { logger: silentLogger })
    store = new JobStore(connection, new Keys())
    bull = new BullQueues(connection, store.keys, () => {})
    ending.push(
      () => queue.close(),
      () => bull.close().then(() => connection.disconnect()),
    )
  })
  afterEach(async () => {
    for (const end of ending.splice(0)) await end()
    await redis.dispose()
  })

  it('a job that was taken in but is in no line is put there', { timeout: 120_000 }, async () => {
    const job = await queue.submit(chatRequest('lost'), { owner, id: 'lost' })
    await queue.submit(chatRequest('other'), { owner })
    const place = { internal: internalId(owner, 'lost'), queue: name }
    await bull.remove(place)
    expect(await bull.position(place)).toBeUndefined()
    expect(await repair(store, bull, name, -1000)).toBe(1)
    expect(await bull.position(place)).toBe(1)
    // One at a time looks, and not always.
    expect(await repair(store, bull, name, -1000)).toBe(0)
    const worker = await startWorker({ queue: redis.url, engine: new FakeEngine() })
    ending.unshift(() => worker.close({ drain: 0 }))
    expect(await job.result()).toMatchObject({ answer: { text: answerTo('lost') } })
  })

  it('so it is by who sends it again', async () => {
    await queue.submit(chatRequest('again'), { owner, id: 'again' })
    const place = { internal: internalId(owner, 'again'), queue: name }
    await bull.remove(place)
    await queue.submit(chatRequest('again'), { owner, id: 'again' })
    expect(await bull.position(place)).toBe(0)
  })

  it('what expired is forgotten', async () => {
    const job = await queue.submit(chatRequest('old'), { owner, id: 'old' })
    const internal = internalId(owner, 'old')
    await store.redis.del(store.keys.record(internal))
    await bull.remove({ internal, queue: name })
    await repair(store, bull, name, -1000)
    expect(await queue.counts()).toEqual({ queued: 0, running: 0 })
    for await (const event of job.events()) expect(event).toBeUndefined()
    await expect(job.result()).rejects.toMatchObject({ failure: { code: 'job_expired' } })
    await expect(job.state()).rejects.toMatchObject({ failure: { code: 'job_expired' } })
  })

  it('only the latest attempt is heard, and ends the job', async () => {
    await queue.submit(chatRequest('x'), { owner, id: 'x' })
    const place = { internal: internalId(owner, 'x'), queue: name }
    expect(await store.begin(place, 'one', 5)).toEqual(['run', 1])
    expect(await store.begin(place, 'two', 5)).toEqual(['run', 2])
    let unwanted = 0
    const [old, now] = [1, 2].map(attempt => new EventWriter(store, place.internal, attempt, () => unwanted++))
    for (const text of ['a', 'b', 'c']) old!.emit({ type: 'text', text: text.toUpperCase() })
    for (const text of ['a', 'b', 'c']) now!.emit({ type: 'text', text })
    await Promise.all([old!.flushed(), now!.flushed()])
    expect(unwanted).toBe(1)
    const told = await store.redis.xrange(store.keys.events(place.internal), '-', '+')
    expect(told.map(([, fields]) => fields[3]).join('')).toBe('abc')
    const end = { status: 'succeeded', ttl: 60_000 } as const
    expect(await store.finish(place, { ...end, attempt: 1, result: Buffer.from('old') })).toBe(false)
    expect(await store.finish(place, { ...end, attempt: 2, result: Buffer.from('new') })).toBe(true)
    expect(await store.finish(place, { ...end, attempt: 2, result: Buffer.from('newer') })).toBe(false)
    expect(await store.finish(place, { status: 'cancelled', ttl: 60_000 })).toBe(false)
    expect(await store.redis.get(store.keys.result(place.internal))).toBe('new')
    expect(await store.begin(place, 'three', 5)).toEqual(['over', 0])
  })

  it('an event that is sent twice is heard once', async () => {
    await queue.submit(chatRequest('x'), { owner, id: 'x' })
    const place = { internal: internalId(owner, 'x'), queue: name }
    await store.begin(place, 'one', 5)
    for (const seq of [1, 1, 2, 1, 2, 10, 9])
      expect(await store.emit(place.internal, 1, seq, 'text', Buffer.from(`${seq} `))).toBe(true)
    const told = await store.redis.xrange(store.keys.events(place.internal), '-', '+')
    expect(told.map(([, fields]) => fields[3]).join('')).toBe('1 2 10 ')
  })

  it('a job that loses its workers too often has failed', async () => {
    await queue.submit(chatRequest('x'), { owner, id: 'x' })
    const place = { internal: internalId(owner, 'x'), queue: name }
    expect(await store.begin(place, 'one', 1)).toEqual(['run', 1])
    // Given back in order: no loss.
    expect(await store.giveBack(place, 1, false, 1)).toBe(true)
    expect(await store.begin(place, 'two', 1)).toEqual(['run', 2])
    expect(await store.begin(place, 'three', 1)).toEqual(['run', 3])
    expect(await store.begin(place, 'four', 1)).toEqual(['lost', 3])
  })

  it('while the broker is away nothing is taken in, and nobody waits for ever', { timeout: 120_000 }, async () => {
    const job = await queue.submit(chatRequest('before'), { owner })
    const reading = job.result()
    await redis.kill()
    await expect(queue.submit(chatRequest('now'), { owner })).rejects.toMatchObject({
      code: 'QUEUE_FULL',
      retryAfter: 5,
    })
    const asked = [queue.counts(), queue.countsByModel(), queue.find(job.id, owner), job.state()]
    const away = { status: 'rejected', reason: expect.objectContaining({ code: 'QUEUE_FULL', retryAfter: 5 }) }
    expect(await Promise.allSettled(asked)).toEqual(asked.map(() => away))
    await redis.start()
    const engine = new FakeEngine()
    const worker = await startWorker({ queue: redis.url, engine })
    ending.unshift(() => worker.close({ drain: 0 }))
    expect(await reading).toMatchObject({ answer: { text: answerTo('before') } })
    // What was refused is not done in secret.
    await expect.poll(() => queue.counts(), { timeout: 30_000 }).toEqual({ queued: 0, running: 0 })
    await (await queue.submit(chatRequest('after'), { owner })).result()
    expect(engine.begun.map(request => (request as ChatRequest).question)).toEqual(['before', 'after'])
  })

  it('who watches a job is told when the queue is closed', async () => {
    const job = await queue.submit(chatRequest('x'), { owner })
    const [result, events] = [job.result(), job.events()[Symbol.asyncIterator]().next()]
    const both = Promise.allSettled([result, events])
    await queue.close({ drain: 10 })
    const closing = { status: 'rejected', reason: expect.objectContaining({ code: 'CLOSING' }) }
    expect(await both).toEqual([closing, closing])
    await expect(queue.submit(chatRequest('y'), { owner })).rejects.toMatchObject({ code: 'CLOSING' })
  })

  it('workers are known while they live', async () => {
    expect(await queue.workers()).toEqual([])
    const models = [{ id: 'other', kind: 'paint' }] as const
    const state = { id: '1', name: 'one', models, concurrency: 2 }
    const leave = await register(store.redis, store.keys, state)
    expect(await queue.workers()).toEqual([state])
    expect((await queue.countsByModel()).map(({ kind, model }) => `${kind} ${model}`).sort()).toEqual([
      'chat fake',
      'paint fake',
      'paint other',
    ])
    await leave()
    expect(await queue.workers()).toEqual([])
    // One that died without a word is forgotten with its key.
    const leaveAgain = await register(store.redis, store.keys, state)
    await store.redis.del(store.keys.worker('1'))
    expect(await queue.workers()).toEqual([])
    await leaveAgain()
  })
})
