import { readFile } from 'node:fs/promises'
import { loadImage, VisCPMChat } from '@viscpm/chat/node'
import { sharpCodec } from '@viscpm/core/node'
import { paintedPng } from '@viscpm/paint'
import { VisCPMPaint } from '@viscpm/paint/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobEvent } from '../jobs/types.js'
import { hasRedis, TestRedis } from './fixtures/redis-server.js'
import { WorkerProcesses } from './fixtures/worker-processes.js'
import { openRedisQueue, type RedisJobQueue } from './queue.js'

const owner = 'someone'
const picture = async (): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL('../../../../packages/tiny/pictures/apple.png', import.meta.url)))

describe.skipIf(!hasRedis())('the embedded model in a worker', () => {
  let redis: TestRedis
  let workers: WorkerProcesses
  let queue: RedisJobQueue
  beforeAll(async () => {
    redis = await TestRedis.start()
    workers = new WorkerProcesses(redis.url, { lockDuration: 5000 }, 'tiny-worker-process.ts')
    await workers.start()
    queue = await openRedisQueue({ url: redis.url })
  }, 120_000)
  afterAll(async () => {
    // Where beforeAll failed, not all of it is there.
    await queue?.close()
    for (const child of workers?.living ?? []) await workers.end(child, 'SIGTERM')
    await redis?.dispose()
  }, 120_000)

  it('answers as it does without a queue, and streams it', { timeout: 120_000 }, async () => {
    const image = await picture()
    const turns = [{ question: 'What is this?', answer: 'An apple.' }]
    const question = 'What colour is it?'
    const decoding = { decoding: 'greedy', maxNewTokens: 24 } as const
    const job = await queue.submit({ kind: 'chat', model: 'tiny', image, turns, question, decoding }, { owner })
    let told = ''
    for await (const event of job.events()) if (event.type === 'text') told += event.text
    const result = await job.result()

    const chat = await VisCPMChat.load('tiny')
    const answering = chat.answer(await loadImage(image), { turns, question, syntax: 'text' }, decoding)
    let next = await answering.next()
    while (!next.done) next = await answering.next()
    const { text, usage, finishReason } = next.value
    await chat.dispose()
    expect(text).not.toBe('')
    expect(told).toBe(text)
    expect(result).toMatchObject({ kind: 'chat', answer: { text, usage, finishReason } })
  })

  it('paints the same file as without a queue, and shows it while it paints', { timeout: 120_000 }, async () => {
    const settings = { prompt: '一个红色的苹果', count: 1, candidates: 1, steps: 6 }
    const job = await queue.submit({ kind: 'paint', model: 'tiny', ...settings, seed: '7', previews: true }, { owner })
    const told: JobEvent[] = []
    for await (const event of job.events()) told.push(event)
    const result = await job.result()

    const painter = await VisCPMPaint.load('tiny')
    const painted = await painter.generate({ ...settings, seed: 7 })
    const png = await paintedPng(painted.candidates[0]!, sharpCodec())
    await painter.dispose()
    if (result.kind !== 'paint') throw new Error('not a picture')
    expect(Buffer.compare(Buffer.from(result.candidates[0]!.png), Buffer.from(png))).toBe(0)
    expect(result).toMatchObject({ status: painted.status, chosen: painted.chosen, ranking: painted.ranking })
    expect(result.candidates[0]!.metadata).toEqual(painted.candidates[0]!.metadata)
    const previews = told.flatMap(event => (event.type === 'preview' ? event.images : []))
    expect([...previews[0]!.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
  })

  it('is known to those who ask which models there are', async () => {
    const [worker] = await queue.workers()
    expect(worker).toMatchObject({
      concurrency: 2,
      models: expect.arrayContaining([expect.objectContaining({ id: 'tiny', kind: 'chat' })]),
    })
    const wrong = queue.submit({ kind: 'paint', model: 'nobody', prompt: 'x', count: 1, previews: false }, { owner })
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'model' })
  })
})
