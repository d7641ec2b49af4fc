import { expect, it } from 'vitest'
import { json, server } from './fixtures/server.js'
import { type JobQueue, MemoryQueue, openEngine } from './index.js'

it('serves the models of those who work on a queue elsewhere', async () => {
  const engine = await openEngine({ models: [{ id: 'small', where: 'tiny' }], kinds: ['paint'], threads: 1 })
  const memory = new MemoryQueue({ engine })
  let away = false
  const queue: JobQueue & { workers(): Promise<{ models: typeof engine.models }[]> } = {
    submit: (request, options) => memory.submit(request, options),
    find: (id, owner) => memory.find(id, owner),
    counts: () => (away ? Promise.reject(new Error('away')) : memory.counts()),
    countsByModel: () => memory.countsByModel(),
    close: options => memory.close(options),
    workers: async () => [{ models: engine.models }, { models: engine.models }],
  }
  const running = await server({ queue })
  try {
    await running.ready
    const { data } = (await (await fetch(`${running.url}/v1/models`)).json()) as {
      data: { id: string; viscpm: object[] }[]
    }
    expect(data).toMatchObject([{ id: 'small', viscpm: [{ kind: 'paint' }] }])
    const painted = await fetch(
      `${running.url}/v1/images/generations`,
      json({ prompt: 'a cat', steps: 1, candidates: 1 }),
    )
    expect(painted.status).toBe(200)
    const chat = await fetch(`${running.url}/v1/chat/completions`, json({ messages: [{ role: 'user', content: 'x' }] }))
    expect(await chat.json()).toMatchObject({ error: { code: 'model_not_found' } })
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200)
    away = true
    expect((await fetch(`${running.url}/readyz`)).status).toBe(503)
  } finally {
    await running.close()
    await engine.dispose()
  }
})

it('refuses a queue that is none', async () => {
  await expect(server({ queue: 'http://127.0.0.1' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})
