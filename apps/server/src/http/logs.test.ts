import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { dataUrl, json, picture, server } from '../fixtures/server.js'

interface StoredId {
  readonly id: string
}

it('says nothing of what was asked, answered or painted, nor of keys', async () => {
  let [said, uploaded] = ['', 'never']
  const sink = new Writable({
    write(chunk, _encoding, done) {
      said += chunk
      done()
    },
  })
  const running = await server({ log: pino({ level: 'trace' }, sink) })
  try {
    await running.ready
    const url = await dataUrl('apple')
    const secret = 'Which secretword is here?'
    const content = [
      { type: 'text', text: secret },
      { type: 'image_url', image_url: { url } },
    ]
    const ask = (path: string, body: object) => {
      const init = json(body)
      return fetch(`${running.url}${path}`, {
        ...init,
        headers: { ...(init.headers as object), authorization: 'Bearer sk-secretword' },
      })
    }
    const answer = await (
      await ask('/v1/chat/completions', { messages: [{ role: 'user', content }], temperature: 0 })
    ).json()
    expect(answer).toHaveProperty('choices')
    await (await ask('/v1/images/generations', { prompt: 'secretword', steps: 1, candidates: 1 })).json()
    await (await ask('/v1/images/generations', { prompt: 'secretword', steps: 'secretword' })).json()
    await (await ask('/v1/images/generations', { prompt: 'secretword', size: '13x13' })).json()
    await (await ask('/v1/jobs', { kind: 'paint', prompt: 'secretword', model: 'secretword' })).json()
    await (await ask('/v1/moderations?q=secretword', { input: 'secretword' })).json()
    await (await ask('/secretword', {})).json()
    const form = new FormData()
    form.set('purpose', 'vision')
    form.set('file', new Blob([new Uint8Array(await picture('apple'))]), 'secretword.png')
    const file = (await (await fetch(`${running.url}/v1/files`, { method: 'POST', body: form })).json()) as StoredId
    uploaded = file.id
    await (await fetch(`${running.url}/v1/files/${file.id}/content`)).arrayBuffer()
  } finally {
    await running.close()
  }
  expect(said.match(/"msg":"request"/g)!.length).toBe(9)
  expect(said).not.toContain(uploaded)
  expect(said).not.toContain('secretword')
  expect(said).not.toContain((await dataUrl('apple')).slice(30, 60))
})

it('takes a client that leaves for no fault of the server', async () => {
  const lines: { readonly msg: string; readonly status?: number }[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const stop = new AbortController()
  // Its picture never comes; by then the client is gone.
  const resolve = () => {
    stop.abort()
    return new Promise<never>(() => {})
  }
  const running = await server({ log: pino({ level: 'trace' }, sink), remoteImages: { resolve } })
  try {
    const content = [
      { type: 'text', text: '?' },
      { type: 'image_url', image_url: { url: 'https://pictures.example/cat.png' } },
    ]
    const init = { ...json({ messages: [{ role: 'user', content }] }), signal: stop.signal }
    await expect(fetch(`${running.url}/v1/chat/completions`, init)).rejects.toThrow()
    const told = () => lines.find(({ msg }) => msg === 'request')?.status
    await expect.poll(told, { timeout: 30_000 }).toBe(499)
    expect(lines.map(({ msg }) => msg)).not.toContain('failed')
  } finally {
    await running.close()
  }
})
