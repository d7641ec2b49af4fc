import { describe, expect, it } from 'vitest'
import { MemoryQueue, type MemoryQueueOptions } from './memory-queue.js'
import type { ChatRequest, ChatResult, Job, JobEvent, RunOptions } from './types.js'

const request = (question: string, image = new Uint8Array(10)): ChatRequest => ({
  kind: 'chat',
  model: 'm',
  image,
  turns: [],
  question,
  decoding: {},
})
const resultOf = (text: string): ChatResult => ({ kind: 'chat', answer: { text } as ChatResult['answer'] })

/** A queue whose jobs end when the test says so. */
function setup(options: Partial<MemoryQueueOptions> = {}) {
  const running = new Map<string, { options: RunOptions; end(text: string): void; fail(error: unknown): void }>()
  const queue = new MemoryQueue({
    engine: {
      run: (asked, runOptions) =>
        new Promise((resolve, reject) => {
          const { question } = asked as ChatRequest
          runOptions.signal.addEventListener('abort', () => reject(runOptions.signal.reason))
          running.set(question, { options: runOptions, end: text => resolve(resultOf(text)), fail: reject })
        }),
    },
    ...options,
  })
  const begun = async (question: string) => {
    for (let i = 0; i < 1000 && !running.has(question); i++) await new Promise(resolve => setImmediate(resolve))
    return running.get(question)!
  }
  return { queue, running, begun }
}

async function all(job: Job): Promise<JobEvent[]> {
  const events: JobEvent[] = []
  for await (const event of job.events()) events.push(event)
  return events
}

describe('the queue', () => {
  it('runs one after the other, and says how many are before', async () => {
    const { queue, begun, running } = setup()
    const [one, two, three] = [
      await queue.submit(request('1'), { owner: 'a' }),
      await queue.submit(request('2'), { owner: 'a' }),
      await queue.submit(request('3'), { owner: 'a' }),
    ]
    await begun('1')
    expect((await one.state()).status).toBe('running')
    expect(await two.state()).toMatchObject({ status: 'queued', position: 0 })
    expect(await three.state()).toMatchObject({ status: 'queued', position: 1 })
    expect(await queue.counts()).toEqual({ queued: 2, running: 1 })
    ;(await begun('1')).end('first')
    expect(await one.result()).toEqual(resultOf('first'))
    await begun('2')
    expect(running.has('3')).toBe(false)
    await queue.close()
    expect((await two.state()).status).toBe('cancelled')
    await expect(three.result()).rejects.toMatchObject({ code: 'JOB_CANCELLED' })
    await expect(queue.submit(request('4'), { owner: 'a' })).rejects.toMatchObject({ code: 'CLOSING' })
  })

  it('is bounded in number, for each owner, and in bytes', async () => {
    const { queue, begun } = setup({ maxQueued: 3, maxQueuedPerOwner: 2, maxQueuedBytes: 1000 })
    await queue.submit(request('running'), { owner: 'a' })
    await begun('running')
    const full = { code: 'QUEUE_FULL', retryAfter: expect.any(Number) }
    await queue.submit(request('1'), { owner: 'a' })
    const second = await queue.submit(request('2'), { owner: 'a' })
    await expect(queue.submit(request('3'), { owner: 'a' })).rejects.toMatchObject(full)
    await expect(queue.submit(request('4', new Uint8Array(981)), { owner: 'b' })).rejects.toMatchObject(full)
    // Texts are bytes too, of Chinese three each.
    const told = { ...request('q'.repeat(281)), turns: [{ question: '猫'.repeat(200), answer: 'a'.repeat(100) }] }
    await expect(queue.submit(told, { owner: 'b' })).rejects.toMatchObject(full)
    const painted = { kind: 'paint', model: 'm', prompt: '猫'.repeat(327), count: 1, previews: false } as const
    await expect(queue.submit(painted, { owner: 'b' })).rejects.toMatchObject(full)
    await queue.submit(request('5'), { owner: 'b' })
    await expect(queue.submit(request('6'), { owner: 'c' })).rejects.toMatchObject(full)
    await second.cancel()
    await queue.submit(request('7'), { owner: 'c' })
    await queue.close()
  })

  it('refuses ten thousand without growing', async () => {
    const { queue } = setup({ maxQueued: 50 })
    const tried = await Promise.allSettled(
      Array.from({ length: 10_000 }, (_, i) => queue.submit(request(String(i)), { owner: 'a' })),
    )
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(50)
    expect((await queue.counts()).queued).toBe(50)
    await queue.close()
  })

  it('never loses text to a slow reader, but progress and previews', async () => {
    const { queue, begun } = setup()
    const job = await queue.submit(request('q'), { owner: 'a' })
    const early = job.events()[Symbol.asyncIterator]()
    expect((await early.next()).value).toEqual({ type: 'started' })
    const run = await begun('q')
    const said: string[] = []
    for (let i = 0; i < 500; i++) {
      void run.options.emit({ type: 'progress', progress: { phase: 'decode', done: i } })
      if (i % 50 === 0) void run.options.emit({ type: 'preview', step: i, steps: 500, images: [new Uint8Array(1000)] })
      said.push(`${i} `)
      void run.options.emit({ type: 'text', text: `${i} ` })
    }
    const late = all(job)
    run.end('done')
    const events: JobEvent[] = []
    for (let next = await early.next(); !next.done; next = await early.next()) events.push(next.value)
    const text = (some: JobEvent[]) => some.flatMap(event => (event.type === 'text' ? [event.text] : [])).join('')
    expect(text(events)).toBe(said.join(''))
    expect(events.filter(({ type }) => type === 'progress')).toHaveLength(1)
    expect(events.filter(({ type }) => type === 'preview')).toHaveLength(1)
    // Who comes later is told what was said before.
    expect(text(await late)).toBe(said.join(''))
    expect(text(await all(job))).toBe(said.join(''))
    await queue.close()
  })

  it('knows jobs by owner, and the same id of the same owner as the same job', async () => {
    const { queue, begun } = setup()
    const job = await queue.submit(request('x'), { owner: 'a', id: 'mine' })
    expect((await queue.submit(request('y'), { owner: 'a', id: 'mine' })).id).toBe('mine')
    expect((await queue.submit(request('z'), { owner: 'b', id: 'mine' })).id).not.toBe('mine')
    expect(await queue.find('mine', 'b')).toBeUndefined()
    ;(await begun('x')).end('result')
    await job.result()
    expect(await (await queue.find('mine', 'a'))!.result()).toEqual(resultOf('result'))
    await queue.close()
  })

  it('cancels what runs and what waits, and tells failures in fixed words', async () => {
    const ended: string[] = []
    const { queue, begun } = setup({ onEnd: ({ status }) => ended.push(status) })
    const [runs, waits, fails] = [
      await queue.submit(request('1'), { owner: 'a' }),
      await queue.submit(request('2'), { owner: 'a' }),
      await queue.submit(request('3'), { owner: 'a' }),
    ]
    await begun('1')
    await waits.cancel()
    await runs.cancel()
    await expect(runs.result()).rejects.toMatchObject({ code: 'JOB_CANCELLED' })
    await expect(waits.result()).rejects.toMatchObject({ code: 'JOB_CANCELLED' })
    ;(await begun('3')).fail(new Error('secret place /var/x'))
    await expect(fails.result()).rejects.toMatchObject({ failure: { code: 'internal_error' } })
    expect(JSON.stringify(await fails.state())).not.toContain('secret')
    await fails.cancel()
    expect((await fails.state()).status).toBe('failed')
    expect(ended).toEqual(['cancelled', 'cancelled', 'failed'])
    await queue.close()
  })

  it('forgets results by number, bytes and time', async () => {
    const { queue, begun } = setup({ keepJobs: 2, keepBytes: 100 })
    const done = async (name: string, bytes: number) => {
      const job = await queue.submit(request(name), { owner: 'a', id: name })
      ;(await begun(name)).end('x'.repeat(bytes))
      await job.result()
      await new Promise(resolve => setImmediate(resolve))
    }
    const known = async (...names: string[]) =>
      (await Promise.all(names.map(name => queue.find(name, 'a')))).map(Boolean)
    for (const name of ['a', 'b', 'c']) await done(name, 10)
    expect(await known('a', 'b', 'c')).toEqual([false, true, true])
    await done('d', 95)
    expect(await known('b', 'c', 'd')).toEqual([false, false, true])
    await queue.close()
  })

  it('lets what runs end when it is closed, as long as it is told to wait', async () => {
    const { queue, begun } = setup()
    const job = await queue.submit(request('1'), { owner: 'a' })
    const run = await begun('1')
    const closing = queue.close({ drain: 60_000 })
    run.end('in time')
    await closing
    expect(await job.result()).toEqual(resultOf('in time'))
  })
})
