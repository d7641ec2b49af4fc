import { float32ToFloat16, type Tensor, tensor, toFloat32, type VisCPMError, zeros } from '@viscpm/core'
import { BertTokenizer } from '@viscpm/core/transformers'
import { memoryWeights } from '@viscpm/core/weights'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokensPerRun } from './batches.js'
import type { ChineseCLIP } from './chinese-clip.js'
import { drawn, failure, smallModel, smallTensors, vocabulary } from './fixtures/small.js'
import { clipPreprocessing } from './preprocessing.js'

const pictures = [1, 2, 3, 4].map(seed => drawn(seed, 20 + 9 * seed, 50 - 8 * seed))
const texts = ['红色的猫', '一只狗', 'a red cat', '']

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  return Array.from(a).reduce((w, x, i) => Math.max(w, Math.abs(x - b[i]!)), 0)
}

const row = ({ data, shape }: Tensor<'float32'>, i: number) => data.subarray(i * shape[1]!, (i + 1) * shape[1]!)

describe('a small model', () => {
  let clip: ChineseCLIP
  beforeAll(async () => {
    clip = await smallModel()
  })
  afterAll(() => clip.dispose())

  it('says what it is', () => {
    expect(clip.name).toBe('chinese-clip')
    expect(clip.languages).toEqual(['zh'])
    expect(clip.config.projectionDim).toBe(12)
  })

  it('scores each picture by 10 times its cosine, and chooses the best', async () => {
    const scores = await clip.score('红色的猫', pictures)
    const [text, images] = [await clip.embedText(['红色的猫']), await clip.embedImages(pictures)]
    const expected = pictures.map((_, i) => 10 * row(images, i).reduce((sum, x, k) => sum + x * text.data[k]!, 0))
    expect(worst(scores, expected)).toBeLessThan(1e-5)
    expect(new Set(scores).size).toBe(4)
    const best = await clip.best('红色的猫', pictures)
    expect(best).toEqual({ index: scores.indexOf(Math.max(...scores)), scores })
    expect(await clip.score('一只狗', pictures)).not.toEqual(scores)
  })

  it('chooses the first of equal pictures', async () => {
    const { index, scores } = await clip.best('猫', [pictures[0]!, pictures[0]!, pictures[0]!])
    expect(scores[1]).toBe(scores[0])
    expect(index).toBe(0)
  })

  it('gives rows of length 1 that do not depend on what else is in the batch', async () => {
    const [text, images] = [await clip.embedText(texts), await clip.embedImages(pictures)]
    expect([text.shape, images.shape]).toEqual([
      [4, 12],
      [4, 12],
    ])
    for (let i = 0; i < 4; i++) {
      expect(Math.hypot(...row(text, i))).toBeCloseTo(1, 6)
      expect(worst(row(text, i), (await clip.embedText([texts[i]!])).data)).toBeLessThan(1e-6)
      expect(worst(row(images, i), (await clip.embedImages([pictures[i]!])).data)).toBeLessThan(1e-6)
    }
  })

  it('computes equal texts once', async () => {
    const done: number[] = []
    const { data, shape } = await clip.embedText(['猫', '狗', '猫', '猫'], { onProgress: p => done.push(p.total!) })
    expect(done).toEqual([2])
    expect(shape).toEqual([4, 12])
    const rows = [0, 1, 2, 3].map(i => [...data.subarray(i * 12, (i + 1) * 12)])
    expect(rows[2]).toEqual(rows[0])
    expect(rows[3]).toEqual(rows[0])
    expect(rows[1]).not.toEqual(rows[0])
  })

  it('tells its progress, works in parts, and stops between them when aborted', async () => {
    const many = Array.from({ length: 150 }, (_, i) => pictures[i % 4]!)
    const seen: [phase: string, done: number, total: number | undefined][] = []
    const scores = await clip.score('猫', many, { onProgress: p => seen.push([p.phase, p.done, p.total]) })
    const perRun = Math.floor(tokensPerRun / 17)
    expect(seen).toEqual([
      ['text', 1, 1],
      ['vision', perRun, 150],
      ['vision', 2 * perRun, 150],
      ['vision', 150, 150],
    ])
    for (let i = 0; i < 150; i++) expect(scores[i]).toBeCloseTo(scores[i % 4]!, 5)

    const controller = new AbortController()
    const reason = new Error('enough')
    let parts = 0
    const run = clip.embedImages(many, {
      signal: controller.signal,
      onProgress: () => {
        parts++
        controller.abort(reason)
      },
    })
    await expect(run).rejects.toBe(reason)
    expect(parts).toBe(1)
    await expect(clip.score('猫', pictures, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(worst(await clip.score('猫', pictures), scores.slice(0, 4))).toBeLessThan(1e-5)
  })

  it('keeps calls at the same time apart', async () => {
    const alone = [await clip.score('猫', pictures), await clip.score('一只狗', pictures)]
    expect(await Promise.all(['猫', '一只狗', '猫'].map(prompt => clip.score(prompt, pictures)))).toEqual([
      alone[0],
      alone[1],
      alone[0],
    ])
  })

  it('refuses a prompt longer than the position table, or cuts it', async () => {
    expect(await clip.score('猫'.repeat(14), pictures)).toHaveLength(4)
    const error = await failure(clip.score('猫'.repeat(15), pictures))
    expect(error).toMatchObject({ code: 'CONTEXT_TOO_LONG', length: 17, limit: 16 })
    expect(error.message).toContain('at most 16')
    const cut = await clip.score('猫'.repeat(15), pictures, { truncate: true })
    expect(cut).toEqual(await clip.score('猫'.repeat(14), pictures))
  })

  const data = new Uint8Array(12)
  it.each([
    ['no pictures', '猫', [], 'images'],
    ['one picture that is no list', '猫', pictures[0], 'images'],
    ['a prompt that is no text', 7, pictures, 'prompt'],
    ['no picture', '猫', [pictures[0], undefined], 'images[1]'],
    ['another number of bytes', '猫', [{ width: 2, height: 3, data }], 'images[0]'],
    ['a picture without pixels', '猫', [pictures[0], { width: 0, height: 2, data: new Uint8Array(0) }], 'images[1]'],
    ['broken sizes', '猫', [{ width: 1.5, height: 2, data: new Uint8Array(9) }], 'images[0]'],
    ['numbers that are not bytes', '猫', [{ width: 2, height: 2, data: new Float32Array(12) }], 'images[0]'],
  ])('refuses %s', async (_, prompt, images, argument) => {
    const seen: unknown[] = []
    const run = clip.score(prompt as string, images as never, { onProgress: p => seen.push(p) })
    expect(await failure(run)).toMatchObject({ code: 'INVALID_ARGUMENT', argument })
    expect(seen).toEqual([])
  })

  it('refuses a list without texts', async () => {
    for (const wrong of [[], '猫', [1]])
      expect(await failure(clip.embedText(wrong as never))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('says so when it was disposed', async () => {
    const short = await smallModel()
    await short.dispose()
    await short.dispose()
    expect(await failure(short.score('猫', pictures))).toMatchObject({ code: 'DISPOSED' })
  })
})

describe('load', () => {
  it('takes half weights', async () => {
    const half = new Map<string, Tensor>()
    for (const [key, t] of smallTensors()) half.set(key, tensor('float16', float32ToFloat16(toFloat32(t)), t.shape))
    for (const options of [{}, { keepHalf: true }]) {
      const [full, small] = [await smallModel(), await smallModel(memoryWeights(half), options)]
      expect(worst(await small.score('猫', pictures), await full.score('猫', pictures))).toBeLessThan(0.05)
      await Promise.all([full.dispose(), small.dispose()])
    }
  })

  it.each([
    ['preprocessing of another size', { preprocessing: clipPreprocessing(24) }, 'CONFIG'],
    ['a larger vocabulary', { tokenizer: BertTokenizer.fromVocabulary(`${vocabulary}\n鸟`) }, 'VOCABULARY'],
    ['an aborted signal', { signal: AbortSignal.abort(new Error('enough')) }, undefined],
  ])('refuses %s', async (_, options, code) => {
    expect((await failure(smallModel(undefined, options))) as VisCPMError).toMatchObject(
      code ? { code } : { message: 'enough' },
    )
  })

  it('refuses a scale that is no number', async () => {
    const tensors = smallTensors().set('logit_scale', tensor('float32', Float32Array.of(100), []))
    expect(await failure(smallModel(memoryWeights(tensors)))).toMatchObject({
      code: 'NON_FINITE',
      message: expect.stringContaining('logit_scale'),
    })
  })

  it('can have another name', async () => {
    const clip = await smallModel(undefined, { name: 'mine' })
    expect(clip.name).toBe('mine')
    await clip.dispose()
  })
})

describe('weights that are not numbers', () => {
  const first = [...smallTensors()].filter(([key]) => !/word_embeddings|logit_scale/.test(key))
  it.each(first.map(([key]) => key))('%s gives no scores', async key => {
    const tensors = smallTensors()
    const damaged = tensors.get(key) as Tensor<'float32'>
    damaged.data[0] = Number.NaN
    const clip = await smallModel(memoryWeights(tensors))
    expect(await failure(clip.score('猫', pictures))).toMatchObject({ code: 'NON_FINITE' })
    await clip.dispose()
  })

  it('nor do projections to zero', async () => {
    const tensors = smallTensors().set('visual_projection.weight', zeros('float32', [12, 16]))
    const clip = await smallModel(memoryWeights(tensors))
    const error = await failure(clip.score('猫', pictures))
    expect(error).toMatchObject({ code: 'NON_FINITE', message: 'the embedding of picture 0 is zero' })
    await clip.dispose()
  })
})
