import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../fixtures/chromium.js'
import { Opened, openPage } from './fixtures/opened.js'
import { Site } from './fixtures/site.js'

const chromium = findChromium()
const weights = '/models/tiny/model/model.safetensors'
const model = new URL('../../../../../packages/tiny/model/', import.meta.url)

describe.skipIf(!chromium)('files of a model in a browser', { timeout: 240_000 }, () => {
  const opened = new Opened()
  beforeAll(() => opened.open(() => Site.start(), chromium!), 240_000)
  afterAll(() => opened.close())
  afterEach(() => opened.site.instead.clear())

  /** In a browser that has kept nothing. */
  const newPage = () => openPage(opened.browser, opened.site)
  const instead = (path: string, answer: (response: ServerResponse) => void) =>
    opened.site.instead.set(path, (_, response) => answer(response))

  it('that are broken, cut off or missing are told by name, and asked for again later', async () => {
    const whole = await readFile(new URL('model.safetensors', model))
    const flipped = Buffer.from(whole)
    flipped[5_000_000]! ^= 1
    const page = await newPage()
    const ask = () =>
      page.evaluate(async () => {
        const { browserEngine, blobOf, told } = window.tools
        const engine = browserEngine({ device: 'cpu' })
        const picture = await blobOf('/models/tiny/pictures/apple.png')
        const quiet = { turns: [], signal: new AbortController().signal, onText: () => {} }
        const reply = await engine.chat({ picture, question: '这是什么？', decoding: 'greedy', ...quiet }).catch(told)
        await engine.dispose()
        return reply
      })
    const cases: [answer: (response: ServerResponse) => void, code: string, message: RegExp][] = [
      [response => response.end(whole.subarray(0, 4_000_000)), 'FILE_FORMAT', /4000000 bytes.*SHA256SUMS/],
      [response => response.end(flipped), 'FILE_FORMAT', /9111260 bytes.*SHA256SUMS/],
      [
        response => {
          response.writeHead(200, { 'Content-Length': whole.length })
          response.write(whole.subarray(0, 3_000_000), () => setTimeout(() => response.destroy(), 50))
        },
        'FILE_FORMAT',
        /cut off on its way/,
      ],
      [response => response.writeHead(404).end(), 'FILE_NOT_FOUND', /answers 404/],
      [response => response.destroy(), 'FILE_NOT_FOUND', /does not answer/],
    ]
    for (const [answer, code, message] of cases) {
      instead(weights, answer)
      const failure = await ask()
      expect(failure).toMatchObject({ code, message, here: true })
      expect(failure).toMatchObject({ message: /model\.safetensors/ })
    }
    instead('/models/tiny/model/SHA256SUMS', response => response.end('<!doctype html><p>Not here'))
    expect(await ask()).toMatchObject({ code: 'FILE_FORMAT', message: /SHA256SUMS: line 1/ })
    opened.site.instead.clear()
    expect(await ask()).toMatchObject({ text: expect.stringContaining('苹果') })
  })

  it('are told as they come, and kept: neither asked for again, nor a server needed', async () => {
    const page = await newPage()
    const load = () =>
      page.evaluate(async () => {
        const told: { done: number; total?: number }[] = []
        const files = await window.tools.openWebFolder('/models/tiny/model/', {
          onProgress: ({ phase, done, total }) =>
            phase === 'download' && told.push({ done, ...(total !== undefined && { total }) }),
        })
        const { length } = await files.bytes('model.safetensors')
        return { length, last: told.at(-1), count: told.length, there: files.has('bee.txt'), not: files.has('no.txt') }
      })
    const first = await load()
    expect(first).toMatchObject({ length: 9_111_260, last: { done: 9_111_260, total: 9_111_260 }, there: true })
    expect(first.not).toBe(false)
    expect(first.count).toBeGreaterThan(1)
    const asked = () => opened.site.asked.filter(path => path === weights).length
    const before = asked()
    expect(await load()).toMatchObject({ length: 9_111_260, count: 0 })
    expect(asked()).toBe(before)

    await page.context().setOffline(true)
    expect(await load()).toMatchObject({ length: 9_111_260, count: 0 })
    const missing = await page.evaluate(() =>
      window.tools
        .openWebFolder('/models/tiny/paint/')
        .then(() => undefined)
        .catch(window.tools.told),
    )
    expect(missing).toMatchObject({ code: 'FILE_NOT_FOUND', message: /does not answer/ })
    await page.context().close()
  })

  it('of another version take the place of those that were kept', async () => {
    const page = await newPage()
    const sums = await readFile(new URL('SHA256SUMS', model), 'utf8')
    const read = () =>
      page.evaluate(async () => {
        const files = await window.tools.openWebFolder('/models/tiny/model/')
        const text = new TextDecoder().decode(await files.bytes('config.json'))
        const cache = await caches.open('viscpm-models')
        return { text, kept: (await cache.keys()).filter(({ url }) => url.includes('config.json')).length }
      })
    expect(await read()).toMatchObject({ text: /viscpm-tiny/, kept: 1 })
    const newer = '{"name":"newer"}'
    const hash = createHash('sha256').update(newer).digest('hex')
    instead('/models/tiny/model/config.json', response => response.end(newer))
    instead('/models/tiny/model/SHA256SUMS', response =>
      response.end(sums.replace(/[0-9a-f]{64}( {2}config\.json)/, `${hash}$1`)),
    )
    expect(await read()).toEqual({ text: newer, kept: 1 })
  })

  it('are not needed any more once a model is loaded, nor is their server', async () => {
    const page = await newPage()
    await page.evaluate(async () => {
      const engine = window.tools.browserEngine({ device: 'cpu' })
      const picture = await window.tools.blobOf('/models/tiny/pictures/dog.png')
      const signal = new AbortController().signal
      const quiet = { turns: [], signal, onText: () => {} }
      const ask = () => engine.chat({ picture, question: '这是什么？', decoding: 'greedy', ...quiet })
      const paint = () =>
        engine.paint({ prompt: 'a dog', negativePrompt: '', seed: '5', steps: 2, candidates: 1, signal })
      Object.assign(window, { again: async () => [(await ask()).text, (await paint()).status] })
    })
    const again = () => page.evaluate(() => (window as never as { again(): Promise<string[]> }).again())
    const before = await again()
    expect(before).toEqual([expect.stringMatching(/。$/), 'painted'])
    await page.context().setOffline(true)
    expect(await again()).toEqual(before)
    await page.context().close()
  })

  it('that a person chose are read by range', async () => {
    const page = await newPage()
    const read = await page.evaluate(async () => {
      const source = window.tools.blobBytes(new File(['0123456789'], 'digits'))
      const text = new TextDecoder().decode(await source.read(3, 4))
      const outside = await source.read(8, 4).catch(window.tools.told)
      await source.close()
      const closed = await source.read(0, 1).catch(window.tools.told)
      return { name: source.name, size: source.size, text, outside, closed }
    })
    expect(read).toMatchObject({ name: 'digits', size: 10, text: '3456' })
    expect(read).toMatchObject({ outside: { code: 'FILE_FORMAT' }, closed: { code: 'DISPOSED' } })
  })

  it('of the worker itself that are missing make an error, not a silence', async () => {
    const page = await newPage()
    const script = (await readdir(`${opened.site.folder}/assets`)).find(name => /^worker-.*\.js$/.test(name))!
    instead(`/assets/${script}`, response => response.writeHead(404).end())
    const models = () =>
      page.evaluate(async () => {
        const engine = window.tools.browserEngine()
        const first = await engine.models().catch(window.tools.told)
        return { first }
      })
    expect((await models()).first).toMatchObject({ code: 'HOST_CRASHED', message: /could not be started/ })
    opened.site.instead.clear()
    expect((await models()).first).toHaveLength(2)
  })
})
