import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataUrl, json, server } from '../fixtures/server.js'
import type { RunningServer } from '../index.js'

let running: RunningServer
beforeAll(async () => {
  running = await server({ headersTimeout: 1500, requestTimeout: 3000, maxConnections: 1200 })
  await running.ready
}, 120_000)
afterAll(async () => {
  await running.close()
})

const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { error: { code: string } }).error.code,
]
const ask = (path: string, init: RequestInit) => fetch(running.url + path, init)

/** What the server says to these bytes, until it closes the connection. */
function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(running.url)
  return new Promise(resolve => {
    let said = ''
    const socket = connect(Number(port), hostname, () => socket.write(text))
    socket.on('data', piece => (said += piece.toString('latin1')))
    socket.on('error', () => resolve(said))
    socket.on('close', () => resolve(said))
  })
}

describe('bodies', () => {
  it('of ten gigabytes are refused by what they say', async () => {
    const said = await raw(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${10 * 2 ** 30}\r\n\r\n{"messages":`,
    )
    expect(said).toMatch(/^HTTP\/1.1 413 /)
    expect(said).toContain('body_too_large')
  })

  it('that say nothing are counted', async () => {
    const mega = new Uint8Array(2 ** 20).fill(0x20)
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent++ > 200) controller.close()
        else controller.enqueue(mega)
      },
    })
    const headers = { 'content-type': 'application/json' }
    const said = await ask('/v1/images/generations', {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit).then(
      codeOf,
      () => [413, 'body_too_large'], // the connection may be gone before the answer is read
    )
    expect(said).toEqual([413, 'body_too_large'])
    expect(sent).toBeLessThan(150)
    const small = new Blob([JSON.stringify({ prompt: 'a cat', steps: 1, candidates: 1 })]).stream()
    expect(
      (await ask('/v1/images/generations', { method: 'POST', headers, body: small, duplex: 'half' } as RequestInit))
        .status,
    ).toBe(200)
  })

  it('are JSON, or a form where files come', async () => {
    const plain = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' }
    expect(await codeOf(await ask('/v1/chat/completions', plain))).toEqual([415, 'unsupported_media_type'])
    expect(await codeOf(await ask('/v1/images/edits', json({})))).toEqual([415, 'unsupported_media_type'])
    const broken = { ...json({}), body: '{"prompt":' }
    expect(await codeOf(await ask('/v1/images/generations', broken))).toEqual([400, 'invalid_json'])
    const form = { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: 'y' }
    expect(await codeOf(await ask('/v1/images/edits', form))).toEqual([400, 'invalid_form'])
  })

  it('may be nested as deep as they like', async () => {
    const deep = { ...json({}), body: `{"prompt":"a","scheduler":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}` }
    const { status } = await ask('/v1/images/generations', deep)
    expect(status).toBe(400)
    expect((await ask('/healthz', {})).status).toBe(200)
  })
})

describe('pictures', () => {
  const talk = (url: string) =>
    ask(
      '/v1/chat/completions',
      json({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: '?' },
              { type: 'image_url', image_url: { url } },
            ],
          },
        ],
      }),
    )
  const png = (bytes: Buffer) => `data:image/png;base64,${bytes.toString('base64')}`

  it('are PNG, JPEG, WebP or GIF by their first bytes, whatever they are called', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')
    for (const bytes of [svg, Buffer.from('%PDF-1.7'), Buffer.from('II*\0'), Buffer.alloc(0), Buffer.from('GIF89a')])
      expect(await codeOf(await talk(png(bytes)))).toEqual([400, 'invalid_image'])
    for (const url of ['data:image/png,xx', 'data:text/html;base64,AAAA', 'data:image/png;base64,****'])
      expect(await codeOf(await talk(url))).toEqual([400, 'invalid_image'])
  })

  it('have at most 20 MB and 50 megapixels', async () => {
    const header = Buffer.from((await dataUrl('apple')).split(',')[1]!, 'base64')
    header.writeUInt32BE(10_000, 16)
    header.writeUInt32BE(5_001, 20)
    expect(await codeOf(await talk(png(header)))).toEqual([400, 'image_too_large'])
    const large = Buffer.concat([header, Buffer.alloc(20 * 2 ** 20)])
    expect(await codeOf(await talk(png(large)))).toEqual([413, 'image_too_large'])
  })

  it('of other servers are off', async () => {
    for (const url of ['https://93.184.216.34/cat.png', 'http://127.0.0.1/', 'file:///etc/passwd', '/etc/passwd'])
      expect(await codeOf(await talk(url))).toEqual([400, 'remote_images_off'])
  })
})

describe('connections', () => {
  it('with too many headers, or too large ones, are refused', async () => {
    const flood = Array.from({ length: 2000 }, (_, i) => `x-${i}: ${'y'.repeat(50)}\r\n`).join('')
    expect(await raw(`GET /healthz HTTP/1.1\r\nhost: localhost\r\n${flood}\r\n`)).toMatch(/^HTTP\/1.1 431 /)
    expect(await raw(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /)
  })

  it('that say one thing twice are refused', async () => {
    const smuggled =
      'POST /v1/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'
    expect(await raw(smuggled)).toMatch(/^HTTP\/1.1 400 /)
  })

  it('of a thousand slow clients are ended, while others are served', async () => {
    const { hostname, port } = new URL(running.url)
    const sockets: Socket[] = []
    let closed = 0
    const opened = Array.from(
      { length: 1000 },
      () =>
        new Promise<void>(resolve => {
          const socket = connect(Number(port), hostname, () => {
            socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-slow: ')
            resolve()
          })
          socket.on('error', () => resolve())
          socket.on('close', () => closed++)
          // What is said to it has to be read for the end to be seen.
          socket.resume()
          sockets.push(socket)
        }),
    )
    await Promise.all(opened)
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('.')
    }, 500)
    try {
      expect((await ask('/healthz', {})).status).toBe(200)
      for (let i = 0; i < 300 && closed < 1000; i++) await new Promise(resolve => setTimeout(resolve, 100))
      expect(closed).toBe(1000)
      expect((await ask('/healthz', {})).status).toBe(200)
    } finally {
      clearInterval(drip)
      for (const socket of sockets) socket.destroy()
    }
  })

  it('whose body never ends are ended', async () => {
    const head =
      'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{'
    expect(await raw(head)).toMatch(/^(HTTP\/1.1 (408|400) |$)/)
  })
})

it('a model’s name is never a path', async () => {
  const names = [
    '../tiny',
    '/etc/passwd',
    'tiny/../tiny',
    'tiny\0',
    'file:///etc/passwd',
    '%2e%2e%2ftiny',
    'C:\\model',
    '\\\\host\\share',
    'tiny/',
    './tiny',
    'TINY',
    '~',
    '$HOME',
    'tiny?x',
    'constructor',
    '__proto__',
    'a'.repeat(300),
  ]
  for (const model of names) {
    const image = await ask('/v1/images/generations', json({ model, prompt: 'x' }))
    expect([model, image.status === 404 || (model.length > 256 && image.status === 400)]).toEqual([model, true])
    const { status } = await ask(`/v1/models/${encodeURIComponent(model)}`, {})
    expect([model, status]).toEqual([model, 404])
  }
})

it('a path is never one on the disk', async () => {
  for (const path of [
    '/models/tiny/model/../../../package.json',
    '/models/tiny/..%2f..%2fpackage.json',
    '/assets/../../package.json',
    '/models/tiny/',
    '/models/tiny/model',
    '/models/tiny/model/%00',
    '/index.html/../../x',
  ])
    expect([
      path,
      (await raw(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)).slice(9, 12),
    ]).toEqual([path, '404'])
  const config = await ask('/models/tiny/model/config.json', {})
  expect([config.status, config.headers.get('content-type')]).toEqual([200, 'application/json'])
  const again = await ask('/models/tiny/model/config.json', {
    headers: { 'if-none-match': config.headers.get('etag')! },
  })
  expect(again.status).toBe(304)
  expect(config.headers.get('cross-origin-embedder-policy')).toBe('require-corp')
  expect(await config.json()).toHaveProperty('cpm_bee')
})
