import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseChatConfig } from '@viscpm/chat'
import { loadImage } from '@viscpm/chat/node'
import { onnxruntimeNode, openCheckpoint, sharpCodec } from '@viscpm/core/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium } from '../../fixtures/chromium.js'
import { type Numbers, numbersOf } from './fixtures/numbers.js'
import { Opened, openPage } from './fixtures/opened.js'
import { launch, Site } from './fixtures/site.js'

const chromium = findChromium()
const packages = (path: string) => fileURLToPath(new URL(`../../../../../packages/${path}`, import.meta.url))
const images = packages('core/src/image/fixtures/files')

/** How far decoders may differ: PNG has one right answer, JPEG's and WebP's rounding is left to them. */
const apart = (file: string) => (file.endsWith('.png') ? 0 : 1)

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  let most = 0
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!))
  return most
}

describe.skipIf(!chromium)('parts of it in a browser', { timeout: 240_000 }, () => {
  const opened = new Opened()
  beforeAll(() => opened.open(() => Site.start(), chromium!), 240_000)
  afterAll(() => opened.close())
  const decode = (url: string, options = {}, bytes?: number) =>
    opened.page.evaluate(([url, options, bytes]) => window.tools.decode(url, options, bytes), [
      url,
      options,
      bytes,
    ] as const)

  it('pictures have the pixels that sharp finds', async () => {
    const found: string[] = []
    for (const file of await readdir(images)) {
      if (file.startsWith('gray16')) continue
      for (const alpha of ['drop', 'white'] as const) {
        const here = await decode(`/images/${file}`, { alpha })
        const there = await sharpCodec().decode(await readFile(`${images}/${file}`), { alpha })
        if ('name' in here) throw new Error(`${file}: ${here.message}`)
        const data = Buffer.from(here.data, 'base64')
        expect([here.width, here.height], file).toEqual([there.width, there.height])
        const most = largest(data, there.data)
        if (most > 0) found.push(`${file} (${alpha}): ${most}`)
        expect(most, `${file} ${alpha}`).toBeLessThanOrEqual(apart(file))
      }
    }
    for (const alpha of ['drop', 'white'] as const)
      for (const quality of [0.5, 1]) {
        const file = await opened.page.evaluate(
          quality => window.tools.webp('/images/rgba-60x90.png', quality),
          quality,
        )
        const webp = Buffer.from(file, 'base64')
        opened.site.instead.set('/a.webp', (_, response) => response.end(webp))
        const here = await decode('/a.webp', { alpha })
        if ('name' in here) throw new Error(here.message)
        const there = await sharpCodec().decode(webp, { alpha })
        const most = largest(Buffer.from(here.data, 'base64'), there.data)
        expect(most, `webp ${alpha} ${quality}`).toBeLessThanOrEqual(1)
      }
    console.info(`pictures that differ: ${found.join(', ') || 'none'}`)
  })

  it('16-bit grey is scaled, or refused where it should be clipped', async () => {
    expect(await decode('/images/gray16-64x48.png')).toMatchObject({ code: 'IMAGE', here: true })
    const here = await decode('/images/gray16-64x48.png', { grey16: 'scale' })
    const there = await sharpCodec().decode(await readFile(`${images}/gray16-64x48.png`), { grey16: 'scale' })
    expect(largest(Buffer.from((here as { data: string }).data, 'base64'), there.data)).toBeLessThanOrEqual(1)
  })

  it('pictures that are cut off, too large or none are refused', async () => {
    for (const file of ['photo-320x213.jpg', 'noise-80x80.png', 'rgba-60x90.png']) {
      const { length } = await readFile(`${images}/${file}`)
      for (const bytes of [40, length >> 1, length - 1])
        expect(await decode(`/images/${file}`, {}, bytes), `${file} ${bytes}`).toMatchObject({ code: 'IMAGE' })
    }
    expect(await decode('/images/noise-80x80.png', { maxPixels: 100 })).toMatchObject({ code: 'IMAGE' })
    expect(await decode('/index.html')).toMatchObject({ code: 'IMAGE' })
    const upright = await decode('/images/exif6-90x60.jpg', { applyOrientation: false })
    expect(upright).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('pictures are written as they are', async () => {
    const there = await sharpCodec().decode(await readFile(`${images}/noise-80x80.png`))
    for (const format of ['png', 'jpeg'] as const) {
      const file = await opened.page.evaluate(format => window.tools.encode('/images/noise-80x80.png', format), format)
      const { width, height, data } = await sharpCodec().decode(Buffer.from(file, 'base64'))
      expect([width, height]).toEqual([80, 80])
      if (format === 'png') expect(largest(data, there.data)).toBe(0)
    }
  })

  it('networks compute what they compute in Node', async () => {
    const here = await opened.page.evaluate(() =>
      window.tools.numbers('/models/tiny/model/', '/models/tiny/pictures/house.png'),
    )
    const config = parseChatConfig(JSON.parse(await readFile(packages('tiny/model/config.json'), 'utf8')))
    const weights = await openCheckpoint(packages('tiny/model'))
    const image = await loadImage(packages('tiny/pictures/house.png'))
    const there = await numbersOf({ weights, config, backend: onnxruntimeNode() }, image)
    await weights.close()
    for (const name of ['rows', 'hidden', 'logits'] satisfies (keyof Numbers)[]) {
      const scale = largest(there[name], new Float32Array(there[name].length))
      const most = largest(here[name], there[name]) / scale
      console.info(`${name}: ${most.toExponential(1)} of the largest value apart`)
      expect(most, name).toBeLessThan(1e-4)
    }
  })

  it('a product on a graphics card is tried before it is relied on', async () => {
    const linear = (device: 'cpu' | 'webgpu') => opened.page.evaluate(device => window.tools.linear(device), device)
    expect(await linear('cpu')).toEqual([13, 27])
    // Headless there is no card.
    expect(await linear('webgpu')).toMatchObject({ code: 'MISSING_DEPENDENCY', message: /webgpu does not start/ })
    // Chromium's own renderer takes its place where it is told to.
    const flags = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-unsafe-swiftshader']
    const browser = await launch(chromium!, flags)
    try {
      const page = await openPage(browser, opened.site)
      expect(await page.evaluate(() => window.tools.linear('webgpu'))).toEqual([13, 27])
      const found = await page.evaluate(async () => {
        const devices = []
        for (const device of ['auto', 'webgpu'] as const) {
          const engine = window.tools.browserEngine({ device })
          devices.push(await engine.runtime())
          await engine.dispose()
        }
        return devices
      })
      expect(found).toMatchObject([{ device: 'cpu', note: /on the processor/ }, { device: 'webgpu' }])
    } finally {
      await browser.close()
    }
  })

  it('has one thread where the page is not isolated, and says so', async () => {
    opened.site.isolated = false
    try {
      const page = await openPage(opened.browser, opened.site)
      const told = await page.evaluate(async () => {
        const engine = window.tools.browserEngine({ device: 'cpu', threads: 2 })
        const picture = await window.tools.blobOf('/models/tiny/pictures/house.png')
        const quiet = { signal: new AbortController().signal, onText: () => {} }
        const { text } = await engine.chat({
          picture,
          turns: [],
          question: 'What is it?',
          decoding: 'greedy',
          ...quiet,
        })
        const runtime = await engine.runtime()
        await engine.dispose()
        return { ...runtime, text }
      })
      expect(told).toMatchObject({ device: 'cpu', threads: 1, note: /cross-origin/, text: /house/ })
    } finally {
      opened.site.isolated = true
    }
  })
})
