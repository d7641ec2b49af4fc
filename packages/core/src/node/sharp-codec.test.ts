import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { crc32, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { ImageError, InvalidArgumentError, isVisCPMError } from '../errors.js'
import { preprocess } from '../image/index.js'
import type { Image } from '../image/types.js'
import { openSafetensors } from '../weights/safetensors.js'
import { sharpCodec } from './sharp-codec.js'

const codec = sharpCodec()
const fixtures = new URL('../image/fixtures/', import.meta.url)
const text = (s: string) => new TextEncoder().encode(s)

interface GoldenCase {
  readonly file: string
  readonly size_wh: [number, number]
  readonly exif_orientation: number | null
  readonly pixels_56: { sha256_f32_le_chw: string }
  readonly pixels_224: { sha256_f32_le_chw: string }
}
const cases: GoldenCase[] = JSON.parse(await readFile(new URL('cases.json', fixtures), 'utf8'))
const golden = (file: string) => readFile(new URL(`files/${file}`, fixtures))
const sha256 = ({ data }: { data: Float32Array }) =>
  createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex')

/** An uncompressed-filter PNG from raw rows. Colour types: 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA. */
function png(
  width: number,
  height: number,
  depth: number,
  colour: number,
  rows: Uint8Array[],
  chunks: [string, number[]][] = [],
) {
  const chunk = (kind: string, data: Uint8Array) => {
    const body = Buffer.concat([text(kind), data])
    const ends = Buffer.alloc(8)
    ends.writeUInt32BE(data.length, 0)
    ends.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([depth, colour], 8)
  return Buffer.concat([
    Buffer.from([0x89, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    ...chunks.map(([kind, data]) => chunk(kind, Uint8Array.from(data))),
    chunk('IDAT', deflateSync(Buffer.concat(rows.flatMap(row => [Buffer.of(0), row])))),
    chunk('IEND', new Uint8Array()),
  ])
}

function noise(width: number, height: number, channels: number): Buffer {
  const data = Buffer.alloc(width * height * channels)
  let state = 1
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    data[i] = state >>> 16
  }
  return data
}

describe('the recorded pictures', async () => {
  const rgb = await openSafetensors(memoryBytes(await readFile(new URL('jpeg-rgb.safetensors', fixtures)), 'jpeg-rgb'))

  test.each(cases.filter(c => c.file.endsWith('.png')))('$file gives the original pixels', async c => {
    const image = await codec.decode(await golden(c.file), { applyOrientation: false })
    expect([image.width, image.height]).toEqual(c.size_wh)
    expect(sha256(preprocess(image, 56))).toBe(c.pixels_56.sha256_f32_le_chw)
    expect(sha256(preprocess(image, 224))).toBe(c.pixels_224.sha256_f32_le_chw)
  })

  test.each(cases.filter(c => c.file.endsWith('.jpg')))('$file is within 2 levels, its resize exact', async c => {
    const image = await codec.decode(await golden(c.file), { applyOrientation: false })
    const [width, height] = c.size_wh
    const data = (await rgb.read(`${c.file}/rgb`)).data as Uint8Array
    expect([image.width, image.height]).toEqual([width, height])
    expect(image.data.map((v, i) => Math.abs(v - data[i]!)).reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(2)
    expect(sha256(preprocess({ width, height, data }, 56))).toBe(c.pixels_56.sha256_f32_le_chw)
    expect(sha256(preprocess({ width, height, data }, 224))).toBe(c.pixels_224.sha256_f32_le_chw)
  })
})

describe('PNG colour types, as PIL converts them to RGB', () => {
  const decode = async (file: Uint8Array, alpha: 'drop' | 'white' = 'drop') => [
    ...(await codec.decode(file, { alpha })).data,
  ]
  const grey = (...levels: number[]) => levels.flatMap(v => [v, v, v])

  test('grey of 1, 2 and 4 bits is spread over 0..255', async () => {
    expect(await decode(png(4, 1, 1, 0, [Buffer.of(0b0110_0000)]))).toEqual(grey(0, 255, 255, 0))
    expect(await decode(png(4, 1, 2, 0, [Buffer.of(0b00_01_10_11)]))).toEqual(grey(0, 85, 170, 255))
    expect(await decode(png(2, 1, 4, 0, [Buffer.of(0x1f)]))).toEqual(grey(17, 255))
  })
  test('a transparent grey level or colour keeps its value', async () => {
    expect(await decode(png(2, 1, 8, 0, [Buffer.of(7, 9)], [['tRNS', [0, 7]]]))).toEqual(grey(7, 9))
    const file = png(2, 1, 8, 2, [Buffer.of(1, 2, 3, 4, 5, 6)], [['tRNS', [0, 1, 0, 2, 0, 3]]])
    expect(await decode(file)).toEqual([1, 2, 3, 4, 5, 6])
    expect(await decode(file, 'white')).toEqual([255, 255, 255, 4, 5, 6])
  })
  test('a palette with transparency keeps its colours', async () => {
    const chunks: [string, number[]][] = [
      ['PLTE', [10, 20, 30, 40, 50, 60]],
      ['tRNS', [0, 255]],
    ]
    const file = png(2, 1, 8, 3, [Buffer.of(0, 1)], chunks)
    expect(await decode(file)).toEqual([10, 20, 30, 40, 50, 60])
    expect(await decode(file, 'white')).toEqual([255, 255, 255, 40, 50, 60])
  })
  test('RGBA keeps the colours of fully transparent pixels', async () => {
    const file = png(3, 1, 8, 6, [Buffer.of(200, 100, 50, 0, 200, 100, 50, 51, 200, 100, 50, 255)])
    expect(await decode(file)).toEqual([200, 100, 50, 200, 100, 50, 200, 100, 50])
    expect(await decode(file, 'white')).toEqual([255, 255, 255, 244, 224, 214, 200, 100, 50])
  })
  test('grey + alpha', async () => {
    const file = png(2, 1, 8, 4, [Buffer.of(90, 0, 60, 255)])
    expect(await decode(file)).toEqual(grey(90, 60))
    expect(await decode(file, 'white')).toEqual(grey(255, 60))
  })
  test('16 bits: grey is clipped (or scaled when asked), the others keep their high byte', async () => {
    const deepGrey = png(3, 1, 16, 0, [Buffer.of(0, 200, 1, 0, 0xab, 0xcd)])
    expect(await decode(deepGrey)).toEqual(grey(200, 255, 255))
    expect([...(await codec.decode(deepGrey, { grey16: 'scale' })).data]).toEqual(grey(0, 1, 0xab))
    expect(await decode(png(1, 1, 16, 2, [Buffer.of(1, 255, 2, 0, 0xab, 0xff)]))).toEqual([1, 2, 0xab])
    expect(await decode(png(1, 1, 16, 4, [Buffer.of(5, 255, 0, 0)]))).toEqual(grey(5))
    expect(await decode(png(1, 1, 16, 6, [Buffer.of(1, 255, 2, 0, 3, 128, 0, 0)]))).toEqual([1, 2, 3])
  })
  test('gamma and colour profiles change nothing', async () => {
    const row = Buffer.of(1, 100, 200)
    expect(await decode(png(1, 1, 8, 2, [row], [['gAMA', [0, 0, 78, 32]]]))).toEqual([1, 100, 200])
    const raw = { raw: { width: 16, height: 16, channels: 3 as const } }
    const tagged = await sharp(noise(16, 16, 3), raw)
      .withIccProfile('p3', { attach: true })
      .png()
      .toBuffer()
    const [pixels, seen] = [await codec.decode(tagged), await sharp(tagged).raw().toBuffer()]
    expect((await sharp(tagged).metadata()).hasProfile).toBe(true)
    expect(Buffer.compare(Buffer.from(pixels.data), seen)).not.toBe(0) // sharp alone would have applied it
    expect(Buffer.from(pixels.data)).toEqual(await sharp(tagged, { ignoreIcc: true }).raw().toBuffer())
  })
})

describe('the other formats', () => {
  const size = { width: 300, height: 257 }

  test('lossless WebP, with hidden colours', async () => {
    const data = noise(40, 30, 4)
    const file = await sharp(data, { raw: { width: 40, height: 30, channels: 4 } })
      .webp({ lossless: true, exact: true })
      .toBuffer()
    const image = await codec.decode(file)
    expect([...image.data]).toEqual([...data].filter((_, i) => i % 4 !== 3))
  })
  test('lossy WebP and JPEG equal the decoder behind them', async () => {
    const source = sharp(noise(50, 20, 3), { raw: { width: 50, height: 20, channels: 3 } }).blur(2)
    for (const file of [
      await source.clone().webp().toBuffer(),
      await source.clone().jpeg({ progressive: true }).toBuffer(),
    ])
      expect(Buffer.from((await codec.decode(file)).data)).toEqual(await sharp(file).raw().toBuffer())
  })
  test('GIF with long codes equals another decoder', async () => {
    for (const colours of [256, 40, 2]) {
      const source = sharp(noise(300, 257, 3), { raw: { ...size, channels: 3 } }).blur(colours === 2 ? 9 : 0.5)
      const file = await source.gif({ colours, dither: 0 }).toBuffer()
      const image = await codec.decode(file)
      expect(Buffer.from(image.data).equals(await sharp(file).removeAlpha().raw().toBuffer()), `${colours}`).toBe(true)
    }
  })
  test('an animation gives its first frame', async () => {
    const frames = Buffer.concat([Buffer.alloc(8 * 6 * 3, 30), Buffer.alloc(8 * 6 * 3, 220)])
    const animation = () => sharp(frames, { raw: { width: 8, height: 12, channels: 3, pageHeight: 6 } })
    for (const file of [await animation().gif().toBuffer(), await animation().webp({ lossless: true }).toBuffer()]) {
      const { width, height, data } = await codec.decode(file)
      expect([width, height]).toEqual([8, 6])
      expect(data.every(v => Math.abs(v - 30) < 4)).toBe(true)
    }
  })
})

test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i is applied, or left alone when asked', async orientation => {
  const raw = { raw: { width: 5, height: 3, channels: 3 as const } }
  const file = await sharp(noise(5, 3, 3), raw)
    .withMetadata({ orientation })
    .png()
    .toBuffer()
  const upright = await sharp(file).autoOrient().raw().toBuffer({ resolveWithObject: true })
  const turned = await codec.decode(file)
  expect([turned.width, turned.height]).toEqual([upright.info.width, upright.info.height])
  expect(Buffer.from(turned.data)).toEqual(upright.data)
  expect(Buffer.from((await codec.decode(file, { applyOrientation: false })).data)).toEqual(noise(5, 3, 3))
})

describe('sizes', () => {
  test.each([
    [1, 1],
    [1, 10_000],
    [10_000, 1],
  ])('%i x %i', async (width, height) => {
    const image: Image = { width, height, data: noise(width, height, 3) }
    expect(await codec.decode(await codec.encode(image, 'png'))).toEqual({
      width,
      height,
      data: Buffer.from(image.data),
    })
    expect(preprocess(image, 224).data.every(Number.isFinite)).toBe(true)
  })

  test('a bomb of 20,000 x 20,000 pixels is refused from its header, before anything is unpacked', async () => {
    const rows = Array<Uint8Array>(20_000).fill(new Uint8Array(2500))
    const bomb = png(20_000, 20_000, 1, 0, rows)
    expect(bomb.length).toBeLessThan(100_000)
    const before = process.memoryUsage().rss
    await expect(codec.decode(bomb)).rejects.toThrow('20000 x 20000 pixels, more than the limit of 50000000')
    expect(process.memoryUsage().rss - before).toBeLessThan(20e6)
  })

  test('maxPixels can be lowered, for every format', async () => {
    const source = () => sharp(noise(20, 10, 3), { raw: { width: 20, height: 10, channels: 3 } })
    const files = [source().png(), source().jpeg(), source().webp(), source().webp({ lossless: true }), source().gif()]
    for (const file of await Promise.all(files.map(f => f.toBuffer()))) {
      await expect(codec.decode(file, { maxPixels: 199 })).rejects.toThrow(ImageError)
      expect((await codec.decode(file, { maxPixels: 200 })).width).toBe(20)
    }
  })
})

describe('files that are no good', () => {
  test.each([
    ['nothing', new Uint8Array()],
    ['text', text('this is not a picture')],
    ['SVG', text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>')],
    ['HTML', text('<!DOCTYPE html><html><body>404</body></html>')],
    ['PNG magic alone', Uint8Array.of(0x89, 80, 78, 71, 13, 10, 26, 10)],
    ['JPEG magic alone', Uint8Array.of(0xff, 0xd8, 0xff)],
    ['GIF magic alone', text('GIF89a')],
    ['WebP magic alone', text('RIFF\x10\0\0\0WEBPVP8 ')],
  ])('%s -> ImageError with a hint', async (_, bytes) => {
    const error = await codec.decode(bytes).catch((e: unknown) => e)
    expect(isVisCPMError(error, 'IMAGE') && error.hint).toBeTruthy()
  })

  test('cut off at any length -> ImageError', async () => {
    const source = () => sharp(noise(60, 40, 3), { raw: { width: 60, height: 40, channels: 3 } })
    const formats = [
      source().png(),
      source().jpeg(),
      source().jpeg({ progressive: true }),
      source().webp({ lossless: true }),
      source().webp(),
      source().gif(),
    ]
    for (const file of await Promise.all(formats.map(f => f.toBuffer())))
      for (let part = 1; part < 20; part++) {
        const cut = file.subarray(0, Math.floor((file.length * part) / 20))
        await expect(codec.decode(cut), `${file.subarray(0, 12).toString('latin1')} ${part}/20`).rejects.toThrow(
          ImageError,
        )
      }
  })

  test('damaged files are decoded or refused, never more', async () => {
    const source = () => sharp(noise(30, 20, 3), { raw: { width: 30, height: 20, channels: 3 } })
    const files = await Promise.all(
      [source().png(), source().jpeg(), source().webp(), source().gif()].map(f => f.toBuffer()),
    )
    const change = fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        async (file, changes) => {
          const damaged = Buffer.from(file)
          for (const [where, value] of changes) damaged[Math.floor(where * damaged.length)] = value
          try {
            const { width, height, data } = await codec.decode(damaged, { maxPixels: 1e6 })
            expect(data.length).toBe(width * height * 3)
          } catch (error) {
            expect(isVisCPMError(error, 'IMAGE'), String(error)).toBe(true)
          }
        },
      ),
      { numRuns: 400 },
    )
  })
})

test('options that are not supported are refused', async () => {
  const file = await golden('one-1x1.png')
  await expect(codec.decode(file, { alpha: 'black' as 'white' })).rejects.toThrow(
    "alpha: must be 'drop' or 'white', not black",
  )
  await expect(codec.decode(file, { grey16: 'x' as 'clip' })).rejects.toThrow(InvalidArgumentError)
  await expect(codec.decode(file, { maxPixels: Number.NaN })).rejects.toThrow(InvalidArgumentError)
  await expect(codec.decode('x.png' as unknown as Uint8Array)).rejects.toThrow(InvalidArgumentError)
})

describe('encode', () => {
  const image: Image = { width: 12, height: 7, data: noise(12, 7, 3) }
  test('png is lossless', async () => {
    expect(Buffer.from((await codec.decode(await codec.encode(image, 'png'))).data)).toEqual(image.data)
  })
  test('jpeg is close on smooth pictures', async () => {
    const smooth = { width: 64, height: 64, data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i / 3) % 64) }
    const back = await codec.decode(await codec.encode(smooth, 'jpeg'))
    expect(Math.max(...back.data.map((v, i) => Math.abs(v - smooth.data[i]!)))).toBeLessThan(8)
  })
  test('wrong pictures and formats are refused', async () => {
    await expect(codec.encode({ ...image, width: 13 }, 'png')).rejects.toThrow(InvalidArgumentError)
    await expect(codec.encode(image, 'gif' as 'png')).rejects.toThrow("format: must be 'png' or 'jpeg', not 'gif'")
    const wide = { width: 70_000, height: 1, data: new Uint8Array(210_000) }
    await expect(codec.encode(wide, 'jpeg')).rejects.toThrow(ImageError)
  })
})

describe('without sharp', () => {
  afterEach(() => {
    vi.doUnmock('sharp')
    vi.resetModules()
  })
  test('the missing package is named; GIF works all the same', async () => {
    const gif = await sharp(noise(4, 4, 3), { raw: { width: 4, height: 4, channels: 3 } })
      .gif()
      .toBuffer()
    vi.resetModules()
    vi.doMock('sharp', () => {
      throw new Error('Cannot find package')
    })
    const fresh = (await import('./sharp-codec.js')).sharpCodec()
    const error = await fresh.decode(await golden('one-1x1.png')).catch((e: unknown) => e)
    expect(isVisCPMError(error, 'MISSING_DEPENDENCY') && error).toMatchObject({
      dependency: 'sharp',
      hint: expect.stringContaining('npm install sharp'),
    })
    expect((await fresh.decode(gif)).width).toBe(4)
  })
})
