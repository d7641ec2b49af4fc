import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataUrl, eventsOf, json, type Sent, server } from '../fixtures/server.js'
import type { JobResult, RunningServer } from '../index.js'
import { MemoryQueue } from '../jobs/index.js'

let running: RunningServer
beforeAll(async () => {
  running = await server({ maxQueued: 3 })
  await running.ready
}, 120_000)
afterAll(async () => {
  await running.close()
})

interface JobObject {
  readonly id: string
  readonly status: string
  readonly position?: number
  readonly error?: { readonly code: string }
}

const at = (path: string, init?: RequestInit) => fetch(running.url + path, init)
const body = async <T = JobObject>(response: Response): Promise<T> => (await response.json()) as T
const short = { kind: 'paint', prompt: 'a red apple', steps: 3, candidates: 1, seed: '9007199254740993' }
const long = { ...short, steps: 1000, size: '128x128' }
const create = async (request: object, headers: Record<string, string> = {}) => {
  const init = json(request)
  return at('/v1/jobs', { ...init, headers: { ...(init.headers as object), ...headers } })
}
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (await condition()) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`never happened: ${condition}`)
}
const status = async (id: string) => (await body(await at(`/v1/jobs/${id}`))).status
/** Of all kinds and models. */
const figure = async (name: string) => {
  const lines = (await (await at('/metrics')).text()).split('\n').filter(text => text.startsWith(`${name}{`))
  expect(lines.length).toBe(2)
  return lines.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0)
}

describe('jobs', () => {
  it('paint in their own time, are watched, and keep their result', async () => {
    const made = await create(short)
    expect(made.status).toBe(202)
    const { id } = await body(made)
    expect(made.headers.get('location')).toBe(`/v1/jobs/${id}`)
    const events: Sent[] = []
    for await (const event of eventsOf(await at(`/v1/jobs/${id}/events`))) events.push(event)
    expect(events[0]!.event).toBe('started')
    expect(events.at(-1)!.event).toBe('done')
    expect(JSON.parse(events.at(-1)!.data)).toMatchObject({ id, status: 'succeeded' })
    const [one, two] = [await at(`/v1/jobs/${id}/result`), await at(`/v1/jobs/${id}/result?include_candidates=true`)]
    const picture = await body<{ data: { b64_json: string; viscpm: { seed: string } }[] }>(one)
    expect(picture.data[0]!.viscpm.seed).toBe(short.seed)
    expect(await body(two)).toMatchObject({ data: [{ b64_json: picture.data[0]!.b64_json }] })
  })

  it('answer, and say the text as it grows', async () => {
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: await dataUrl('apple') } },
        ],
      },
    ]
    const { id } = await body(await create({ kind: 'chat', messages, decoding: 'greedy' }))
    let text = ''
    for await (const { event, data } of eventsOf(await at(`/v1/jobs/${id}/events`)))
      if (event === 'text') text += JSON.parse(data).text
    const answer = await body<{ choices: { message: { content: string } }[] }>(await at(`/v1/jobs/${id}/result`))
    expect(answer.choices[0]!.message.content).toBe(text)
    expect(text).toMatch(/apple/i)
  })

  it('begin from a picture, and say what is wrong', async () => {
    const image = await dataUrl('dog')
    const { id } = await body(await create({ ...short, image, strength: 0.5 }))
    await until(async () => (await status(id)) !== 'queued' && (await status(id)) !== 'running')
    const result = await at(`/v1/jobs/${id}/result`)
    expect([200, 400]).toContain(result.status) // the size of this picture may not suit the model
    const wrong = await create({ ...short, steps: 0 })
    expect([wrong.status, (await body(wrong)).error!.code]).toEqual([400, 'invalid_request'])
    const failing = await body(await create({ ...short, size: '13x13' }))
    await until(async () => (await status(failing.id)) === 'failed')
    const failed = await at(`/v1/jobs/${failing.id}/result`)
    expect(failed.status).toBe(400)
    expect(await body(failed)).toMatchObject({ error: { param: 'size', code: 'invalid_request' } })
    const events: Sent[] = []
    for await (const event of eventsOf(await at(`/v1/jobs/${failing.id}/events`))) events.push(event)
    expect(events.at(-1)!.event).toBe('failed')
  })

  it('are the same under the same Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'order-7' }
    const [one, two] = [await body(await create(short, key)), await body(await create(short, key))]
    expect(two.id).toBe(one.id)
    expect((await body(await create(short))).id).not.toBe(one.id)
  })

  it('are told to come back when too many wait, and say how many are before', async () => {
    await until(async () => (await figure('viscpm_jobs_running')) === 0)
    const first = await body(await create(long))
    await until(async () => (await status(first.id)) === 'running')
    const waiting = [await body(await create(long)), await body(await create(long)), await body(await create(long))]
    expect(waiting.map(({ position }) => position)).toEqual([0, 1, 2])
    const full = await create(long)
    expect([full.status, Number(full.headers.get('retry-after')) > 0]).toEqual([429, true])
    expect((await body(full)).error!.code).toBe('queue_full')
    const early = await at(`/v1/jobs/${first.id}/result`)
    expect([early.status, (await body(early)).error!.code]).toEqual([409, 'not_finished'])
    // While it paints, the server answers.
    expect((await at('/healthz')).status).toBe(200)
    for (const { id } of [...waiting, first])
      expect((await at(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(200)
    await until(async () => (await status(first.id)) === 'cancelled')
    expect(await status(waiting[0]!.id)).toBe('cancelled')
    expect((await at(`/v1/jobs/${first.id}/result`)).status).toBe(499)
  })

  it('are stopped when the client of a request leaves, waiting, answering or streaming', async () => {
    await until(async () => (await figure('viscpm_jobs_running')) === 0)
    for (const stream of [false, true]) {
      const { kind: _kind, ...request } = long
      const stop = new AbortController()
      const init = { ...json({ ...request, ...(stream && { stream, partial_images: 50 }) }), signal: stop.signal }
      const asked = at('/v1/images/generations', init).then(async response => response.text())
      const left = expect(asked).rejects.toThrow()
      await until(async () => (await figure('viscpm_jobs_running')) === 1)
      stop.abort()
      await left
      await until(async () => (await figure('viscpm_jobs_running')) === 0)
      expect(await figure('viscpm_jobs_running')).toBe(0)
    }
    const text = await (await at('/metrics')).text()
    expect(text).toMatch(/viscpm_jobs_total\{kind="paint",model="tiny",status="cancelled"\} [1-9]/)
    expect(text).toMatch(/viscpm_steps_total\{model="tiny"\} [1-9]/)
    expect(text).toMatch(/viscpm_tokens_total\{model="tiny",type="completion"\} [1-9]/)
    expect(text).toContain('process_resident_memory_bytes')
  })
})

describe('closing', () => {
  it('lets end what runs, and takes in no more', async () => {
    // A job that ends when the test says so.
    let end = () => {}
    const result = { kind: 'paint', status: 'painted', chosen: [], candidates: [], safety: {} }
    const run = () => new Promise<JobResult>(resolve => (end = () => resolve(result as unknown as JobResult)))
    const queue = new MemoryQueue({ engine: { run } })
    const closing = await server({ drain: 60_000, queue, models: [{ id: 'tiny', where: 'tiny' }] })
    await closing.ready
    const ask = () => fetch(`${closing.url}/v1/images/generations`, json({ prompt: 'a', candidates: 1 }))
    const one = ask()
    const metrics = async () => (await fetch(`${closing.url}/metrics`)).text()
    await until(async () => (await metrics()).includes('viscpm_jobs_running{kind="paint",model="tiny"} 1'))
    const closed = closing.close()
    const late = await ask()
    expect(late.status).toBe(503)
    expect(late.headers.get('retry-after')).toBe('10')
    expect((await fetch(`${closing.url}/readyz`)).status).toBe(503)
    end()
    expect((await one).status).toBe(200)
    await closed
    await expect(fetch(`${closing.url}/healthz`)).rejects.toThrow()
    await closing.close()
  })

  it('says what cannot be loaded before it listens', async () => {
    await expect(server({ models: [{ id: 'x', where: '/nowhere' }] })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    await expect(server({ safety: { preset: 'strict', imageChecker: '/nowhere' } })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    })
    await expect(server({ apiKeyFile: '/nowhere' })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })
})
