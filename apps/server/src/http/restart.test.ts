import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { dataUrl, server } from '../fixtures/server.js'
import type { Job, JobEvent, JobQueue, JobResult } from '../index.js'
import { FakeEngine } from '../redis/fixtures/fake-engine.js'
import { hasRedis, TestRedis } from '../redis/fixtures/redis-server.js'
import { openRedisQueue, startWorker } from '../redis/index.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function clientOf(queue: JobQueue): Promise<OpenAI> {
  const running = await server({ queue, models: [{ id: 'fake', where: 'tiny' }] })
  closing.push(() => running.close())
  return new OpenAI({ apiKey: 'none', baseURL: `${running.url}/v1`, maxRetries: 0 })
}

const talk = async (text: string) => ({
  ...{ model: 'fake', stream: true as const },
  messages: [
    {
      role: 'user' as const,
      content: [
        { type: 'text' as const, text },
        { type: 'image_url' as const, image_url: { url: await dataUrl('apple') } },
      ],
    },
  ],
})

/** A queue whose only job tells this. */
function telling(events: readonly JobEvent[], result: object): JobQueue & { cancelled: number } {
  const state = { id: 'job', kind: 'chat', model: 'fake', status: 'running', createdAt: 0 } as const
  const queue = {
    cancelled: 0,
    submit: async () => job,
    find: async () => job,
    counts: async () => ({ queued: 0, running: 0 }),
    countsByModel: async () => [],
    close: async () => {},
  }
  const job: Job = {
    id: 'job',
    async *events() {
      yield* events
    },
    result: async () => result as JobResult,
    state: async () => state,
    cancel: async () => void queue.cancelled++,
  }
  return queue
}

/** The texts that came, and what the client raised. */
async function heard(
  stream: AsyncIterable<OpenAI.ChatCompletionChunk>,
  onText: () => void = () => {},
): Promise<[string, unknown]> {
  let text = ''
  try {
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      if (text !== '') onText()
    }
    return [text, undefined]
  } catch (error) {
    return [text, error]
  }
}

describe('a job that begins anew', () => {
  const answer = { text: 'two', usage: { promptTokens: 1, completionTokens: 1 }, finishReason: 'stop', safety: {} }
  const text = (text: string) => ({ type: 'text', text }) as const
  const started = { type: 'started' } as const

  it('ends a streamed answer with an error that the openai client raises, and is cancelled', async () => {
    const queue = telling([started, text('one'), started, text('two')], { kind: 'chat', answer })
    const client = await clientOf(queue)
    const [said, error] = await heard(await client.chat.completions.create(await talk('?')))
    expect(said).toBe('one')
    expect(error).toBeInstanceOf(OpenAI.APIError)
    expect(error).toMatchObject({ code: 'job_restarted', type: 'server_error' })
    expect(queue.cancelled).toBeGreaterThan(0)
  })

  it('is not noticed where nothing was said before', async () => {
    const client = await clientOf(telling([started, started, text('two')], { kind: 'chat', answer }))
    expect(await heard(await client.chat.completions.create(await talk('?')))).toEqual(['two', undefined])
  })

  it.skipIf(!hasRedis())('is told of through Redis when its worker stops', { timeout: 60_000 }, async () => {
    const redis = await TestRedis.start()
    closing.push(() => redis.dispose())
    const queue = await openRedisQueue({ url: redis.url, models: new FakeEngine().models })
    const slow = await startWorker({ queue: redis.url, engine: new FakeEngine({ pause: 200 }) })
    const client = await clientOf(queue)
    const stream = await client.chat.completions.create(await talk('another answer to a long question'))
    let spoke = (): void => {}
    const speaking = new Promise<void>(resolve => {
      spoke = resolve
    })
    const hearing = heard(stream, () => spoke())
    await speaking
    await slow.close({ drain: 0 })
    const next = await startWorker({ queue: redis.url, engine: new FakeEngine() })
    closing.push(() => next.close({ drain: 0 }))
    const [said, error] = await hearing
    expect(said).toMatch(/^\d+\./)
    expect(said).not.toMatch(/\d\..*\d\./)
    expect(error).toMatchObject({ code: 'job_restarted' })
  })
})
