import { deflateSync } from 'node:zlib'
import type { Image, ImageCodec } from '@viscpm/core'
import { sharpCodec } from '@viscpm/core/node'
import { describe, expect, it } from 'vitest'
import { parametersText } from '../metadata.js'
import type { PaintMetadata } from '../types.js'
import { paintedPng, readChunks, readMetadata, textChunk, textsOf, withMetadata, writeChunks } from './index.js'

const codec: ImageCodec = sharpCodec()
const image: Image = { width: 5, height: 3, data: Uint8Array.from({ length: 45 }, (_, i) => 5 * i) }
const metadata: PaintMetadata = {
  format: 1,
  prompt: '一只红色的猫 <unk> "quoted"\nsecond line',
  negativePrompt: '模糊',
  syntax: 'text',
  seed: '18446744073709551615',
  count: 1,
  candidates: 4,
  candidate: 2,
  width: 512,
  height: 512,
  steps: 50,
  guidanceScale: 7.5,
  guidanceInterval: [0, 0.8],
  scheduler: { _class_name: 'DDPMScheduler', beta_start: 0.00085 },
  batchSize: 4,
  model: { name: 'VisCPM-Paint', hash: 'a'.repeat(64) },
  software: { paint: '0.0.0', backend: 'onnxruntime-node' },
}
const ascii = { ...metadata, prompt: 'a cat', negativePrompt: '' }

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('did not fail')
    },
    error => error as Error & { code?: string },
  )

describe('what a picture says of itself', () => {
  it.each([metadata, ascii])('comes back as it was written, and the pixels with it', async given => {
    const png = await paintedPng({ image, metadata: given }, codec)
    expect(await readMetadata(png)).toEqual(given)
    const decoded = await codec.decode(png)
    expect([...decoded.data]).toEqual([...image.data])
    expect(await textsOf(readChunks(png))).toEqual(
      new Map([
        ['parameters', parametersText(given)],
        ['viscpm', JSON.stringify(given)],
      ]),
    )
  })

  it('is readable by people', () => {
    expect(parametersText(metadata).split('\n').slice(0, 3)).toEqual([
      '一只红色的猫 <unk> "quoted"',
      'second line',
      'Negative prompt: 模糊',
    ])
    expect(parametersText(ascii)).toBe(
      'a cat\nSteps: 50, Sampler: DDPMScheduler, CFG scale: 7.5, Guided part: 0-0.8, Seed: 18446744073709551615, Size: 512x512, ' +
        'Candidate: 3 of 4, Model: VisCPM-Paint, Model hash: aaaaaaaaaa, Version: viscpm 0.0.0',
    )
  })

  it('is replaced, not doubled', async () => {
    const twice = withMetadata(await paintedPng({ image, metadata }, codec), ascii)
    expect(await readMetadata(twice)).toEqual(ascii)
    expect(readChunks(twice).filter(({ type }) => /^[ti][TE]Xt$/.test(type))).toHaveLength(2)
  })

  it('can be compressed by others', async () => {
    const png = readChunks(await codec.encode(image, 'png'))
    const packed = new Uint8Array(deflateSync(JSON.stringify(metadata)))
    const zip = (text: number[], type: string) => ({
      type,
      data: Uint8Array.from([...Buffer.from('viscpm\0'), ...text]),
    })
    const withText = (chunk: { type: string; data: Uint8Array }) => writeChunks([png[0]!, chunk, ...png.slice(1)])
    expect(await readMetadata(withText(zip([1, 0, 0, 0, ...packed], 'iTXt')))).toEqual(metadata)
    const broken = withText(zip([1, 0, 0, 0, 1, 2, 3], 'iTXt'))
    expect(await failure(readMetadata(broken))).toMatchObject({ code: 'IMAGE' })
    const bomb = withText(zip([0, ...deflateSync(new Uint8Array(50_000_000))], 'zTXt'))
    expect(await failure(readMetadata(bomb))).toMatchObject({
      code: 'IMAGE',
      message: expect.stringContaining('unpacks'),
    })
  })

  it('is checked: it may come from anywhere', async () => {
    const plain = readChunks(await codec.encode(image, 'png'))
    const saying = (json: string) => writeChunks([plain[0]!, textChunk('viscpm', json), ...plain.slice(1)])
    const but = (fields: object) => saying(JSON.stringify({ ...metadata, ...fields }))
    expect(await failure(readMetadata(writeChunks(plain)))).toMatchObject({ code: 'IMAGE' })
    for (const [png, part] of [
      [saying('{'), 'not JSON'],
      [saying('[]'), 'no JSON object'],
      [but({ format: 2 }), 'format 2'],
      [but({ steps: '50' }), 'steps'],
      [but({ seed: 'x' }), 'seed'],
      [but({ candidate: 4 }), 'candidate'],
      [but({ model: {} }), 'model'],
      [but({ prompt: undefined }), 'prompt'],
    ] as const)
      expect(await failure(readMetadata(png))).toMatchObject({ code: 'IMAGE', message: expect.stringContaining(part) })
    expect(await readMetadata(but({ more: 1 }))).toEqual(metadata)
  })
})

describe('PNG files', () => {
  it('are taken apart and put together', async () => {
    const png = await codec.encode(image, 'png')
    expect(Buffer.from(writeChunks(readChunks(png))).equals(png)).toBe(true)
  })

  it('that are none, cut off or damaged are refused at every byte', async () => {
    const png = new Uint8Array(await paintedPng({ image, metadata }, codec))
    expect(() => readChunks(new TextEncoder().encode('hello'))).toThrow(/no PNG/)
    for (let length = 0; length < png.length; length++) expect(() => readChunks(png.subarray(0, length))).toThrow()
    for (let at = 0; at < png.length; at += 3) {
      const changed = png.slice()
      changed[at]! ^= 1
      expect(() => readChunks(changed), `byte ${at}`).toThrow(expect.objectContaining({ code: 'IMAGE' }))
    }
  })
})
