import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { server } from '../fixtures/server.js'
import type { RunningServer } from '../index.js'

const keys = { ann: 'ann-0123456789abcdef', bob: 'bob-0123456789abcdef', old: 'old-0123456789abcdef' }
let folder = ''
let running: RunningServer
let routes: { method: string; path: string }[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-keys-'))
  const apiKeyFile = join(folder, 'keys')
  await writeFile(apiKeyFile, `ann ${keys.ann}\nbob ${keys.bob}\nold ${keys.old} until=2020-01-01\n`)
  running = await server({ apiKeyFile, allowedHosts: ['ai.example'], allowedOrigins: ['https://app.example'] })
  await running.ready
  const { paths } = (await (await fetch(`${running.url}/openapi.json`)).json()) as { paths: Record<string, object> }
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => ({ method: method.toUpperCase(), path: path.replace('{id}', 'some-id') })),
  )
}, 120_000)
afterAll(async () => {
  await running.close()
  await rm(folder, { recursive: true })
})

const open = new Set(['/healthz', '/readyz'])

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
}

/** A request with any headers, which fetch would not send; a body that is promised is never sent. */
function send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  const { hostname, port } = new URL(running.url)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers }, answer => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', piece => (text += piece))
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    if (headers['content-length'] !== undefined && body === undefined) sent.flushHeaders()
    else sent.end(body)
  })
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

describe('keys', () => {
  it('are asked for on every route of the table but those that say how the server is', async () => {
    expect(routes.length).toBeGreaterThanOrEqual(12)
    const wrong: Record<string, string>[] = [
      {},
      bearer('wrong-0123456789abcdef'),
      bearer(keys.old),
      bearer(`${keys.ann}x`),
      { authorization: keys.ann },
      { authorization: `Basic ${Buffer.from(`ann:${keys.ann}`).toString('base64')}` },
      { 'x-api-key': keys.ann },
    ]
    for (const { method, path } of routes)
      for (const headers of wrong) {
        const { status, text } = await send(method, path, headers)
        const expected = open.has(path) ? 200 : 401
        expect([method, path, status]).toEqual([method, path, expected])
        if (status === 401) expect(JSON.parse(text).error.code).toBe('invalid_api_key')
      }
  })

  it('let through whoever has one', async () => {
    for (const { method, path } of routes) {
      const { status } = await send(method, path, bearer(keys.ann))
      expect([method, path, status === 401 || status === 403 || status >= 500]).toEqual([method, path, false])
    }
  })

  it('are looked at before any of the body is sent', async () => {
    for (const { method, path } of routes.filter(route => route.method === 'POST')) {
      const promised = { 'content-type': 'application/json', 'content-length': '1000' }
      expect([path, (await send(method, path, promised)).status]).toEqual([path, 401])
    }
  })

  it('are asked for where there is nothing, too', async () => {
    for (const path of ['/nothing', '/v1', '//healthz', '/healthz/', '/HEALTHZ', '/v1/models/tiny'])
      expect([path, (await send('GET', path, {})).status]).toEqual([path, 401])
  })

  it('own their jobs: nobody else sees or stops them', async () => {
    const body = JSON.stringify({ kind: 'paint', prompt: 'a cat', steps: 300, candidates: 1 })
    const json = { 'content-type': 'application/json', 'content-length': String(body.length) }
    const made = await send('POST', '/v1/jobs', { ...json, ...bearer(keys.ann) }, body)
    expect(made.status).toBe(202)
    const at = `/v1/jobs/${JSON.parse(made.text).id}`
    for (const [method, path] of [
      ['GET', at],
      ['GET', `${at}/events`],
      ['GET', `${at}/result`],
      ['DELETE', at],
    ] as const)
      expect([method, path, (await send(method, path, bearer(keys.bob))).status]).toEqual([method, path, 404])
    expect(JSON.parse((await send('GET', at, bearer(keys.ann))).text).status).toMatch(/queued|running/)
    expect((await send('DELETE', at, bearer(keys.ann))).status).toBe(200)
  })
})

describe('names and origins', () => {
  const { host } = { host: () => new URL(running.url).host }
  const status = async (headers: Record<string, string>, path = '/healthz') => (await send('GET', path, headers)).status

  it('a name that is rebound to this address is refused', async () => {
    // What is no name at all is refused by Node or by the adapter.
    for (const name of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'ai.example.evil',
      'xn--localhost',
      '10.0.0.1',
      'localhost@evil.example',
      'evil.example:80',
      '[::2]',
    ])
      expect([name, [400, 403].includes(await status({ host: name }))]).toEqual([name, true])
    for (const name of [
      'localhost',
      'LOCALHOST:1',
      '127.0.0.1',
      '[::1]:8080',
      'ai.example',
      'AI.example:443',
      'ai.example.',
    ])
      expect([name, await status({ host: name })]).toEqual([name, 200])
  })

  it('pages of other origins are refused, on every route, key or no key', async () => {
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost:1',
      'https://app.example.evil',
      'http://app.example',
      'file://',
      'x',
    ])
      for (const { method, path } of routes) {
        const said = await send(method, path, { origin, ...bearer(keys.ann) })
        expect([origin, path, said.status]).toEqual([origin, path, 403])
        expect(said.headers['access-control-allow-origin']).toBeUndefined()
      }
  })

  it('its own page and those that are allowed may ask', async () => {
    expect(await status({ origin: running.url })).toBe(200)
    const cors = await send('GET', '/v1/models', { origin: 'https://app.example', ...bearer(keys.ann) })
    expect(cors.status).toBe(200)
    expect(cors.headers).toMatchObject({ 'access-control-allow-origin': 'https://app.example', vary: 'Origin' })
    const asked = await send('OPTIONS', '/v1/models', {
      origin: 'https://app.example',
      'access-control-request-method': 'GET',
    })
    expect([asked.status, asked.headers['access-control-allow-headers']]).toEqual([
      204,
      expect.stringContaining('authorization'),
    ])
    // The openai package sends these of its own accord.
    const stainless = ['x-stainless-lang', 'x-stainless-runtime-version', 'x-stainless-retry-count']
    const openai = await send('OPTIONS', '/v1/chat/completions', {
      origin: 'https://app.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': ['authorization', 'content-type', ...stainless, 'x-other'].join(','),
    })
    const allowed = String(openai.headers['access-control-allow-headers']).split(', ')
    expect(allowed).toEqual(['authorization', 'content-type', 'idempotency-key', ...stainless])
  })

  it('what a browser loads into another site’s page is refused', async () => {
    expect(await status({ host: host(), 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, '/')).toBe(403)
    expect(await status({ host: host(), 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, '/')).toBe(200)
    expect(await status({ host: host(), 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }, '/')).toBe(200)
  })
})

it('is not bound to other addresses without keys', async () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'ai.example'])
    await expect(server({ host })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'host' })
})
