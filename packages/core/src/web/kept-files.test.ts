import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { silentLogger } from '../logger.js'
import { openWebFolder } from './model-folder.js'

/** As much of the browser's Cache as is used. */
class MemoryCache {
  readonly entries = new Map<string, Blob>()
  full = false

  async match(key: string) {
    const blob = this.entries.get(key)
    return blob && new Response(blob)
  }
  async put(key: string, response: Response) {
    if (this.full) throw new DOMException('no room', 'QuotaExceededError')
    this.entries.set(key, await response.blob())
  }
  async delete(url: string) {
    for (const key of this.entries.keys()) if (key.split('?')[0] === url) this.entries.delete(key)
  }
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const files = new Map<string, string>()
const asked: string[] = []
let server: Server
let base: string
let cache: MemoryCache

beforeAll(async () => {
  server = createServer(({ url }, response) => {
    asked.push(url!)
    const text = files.get(url!)
    if (text === undefined) response.writeHead(404).end()
    else response.end(text)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tiny`
})
afterAll(() => new Promise(resolve => server.close(resolve)))
beforeEach(() => {
  cache = new MemoryCache()
  vi.stubGlobal('caches', { open: async () => cache })
  files.clear()
  asked.length = 0
  files.set('/tiny/config.json', '{"a":1}')
  files.set('/tiny/SHA256SUMS', `${hash('{"a":1}')}  config.json\n${hash('x')}  gone.bin\n`)
})
afterEach(() => vi.unstubAllGlobals())

const read = async () => (await openWebFolder(base)).json('config.json', json => json)

it('loads a file once, and again when its hash is another one', async () => {
  expect(await read()).toEqual({ a: 1 })
  expect(await read()).toEqual({ a: 1 })
  expect(asked.filter(url => url.includes('config'))).toHaveLength(1)
  files.set('/tiny/config.json', '{"a":2}')
  files.set('/tiny/SHA256SUMS', `${hash('{"a":2}')}  config.json\n`)
  expect(await read()).toEqual({ a: 2 })
  expect([...cache.entries.keys()].filter(key => key.includes('config'))).toHaveLength(1)
})

it('does without a server, and does not trust what was damaged in storage', async () => {
  await read()
  files.clear()
  expect(await read()).toEqual({ a: 1 })
  const [key] = [...cache.entries.keys()].filter(key => key.includes('config'))
  cache.entries.set(key!, new Blob(['{"a":9}']))
  await expect(read()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  files.set('/tiny/config.json', '{"a":1}')
  expect(await read()).toEqual({ a: 1 })
})

it('loads all the same where the browser has no room, or keeps nothing', async () => {
  const warn = vi.fn()
  cache.full = true
  const folder = await openWebFolder(base, { logger: { ...silentLogger, warn } })
  expect(await folder.json('config.json', json => json)).toEqual({ a: 1 })
  expect(warn).toHaveBeenCalledWith(expect.stringMatching(/config\.json.*no room/))
  vi.stubGlobal('caches', undefined)
  expect(await read()).toEqual({ a: 1 })
  await openWebFolder(base, { cache: false })
})

it('names what is missing, wrong or called off', async () => {
  const folder = await openWebFolder(base)
  await expect(folder.bytes('other.bin')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', file: `${base}/other.bin` })
  await expect(folder.bytes('gone.bin')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', message: /404/ })
  expect(await folder.jsonIfThere('other.json', json => json)).toBeUndefined()
  files.set('/tiny/gone.bin', 'y')
  await expect(folder.open('gone.bin')).rejects.toMatchObject({ code: 'FILE_FORMAT', file: `${base}/gone.bin` })
  const reason = new Error('enough')
  await expect(openWebFolder(base, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  vi.stubGlobal('crypto', {})
  await expect(openWebFolder(base)).rejects.toMatchObject({ code: 'MISSING_DEPENDENCY', dependency: 'secure context' })
})
