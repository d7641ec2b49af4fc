import { float32ToFloat16, type Tensor, tensor, toFloat32, zeros } from '@viscpm/core'
import { memoryWeights } from '@viscpm/core/weights'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drawn, failure, safetyCheckerTensors, smallSafetyChecker } from '../fixtures/small-models.js'
import { clipCropping } from './preprocessing.js'
import type { StableDiffusionSafetyChecker } from './stable-diffusion-safety-checker.js'

const picture = drawn(1)

/** The small checker with other thresholds: concept or special-care concept -> threshold. */
function withThresholds(changes: { concepts?: Record<number, number>; specialCare?: Record<number, number> }) {
  const tensors = safetyCheckerTensors()
  const set = (key: string, values: Record<number, number> = {}) => {
    const { data } = tensors.get(key) as Tensor<'float32'>
    for (const [i, value] of Object.entries(values)) data[Number(i)] = value
  }
  set('concept_embeds_weights', changes.concepts)
  set('special_care_embeds_weights', changes.specialCare)
  return smallSafetyChecker(memoryWeights(tensors), { modelHash: 'abc' })
}

describe('a small checker', () => {
  let checker: StableDiffusionSafetyChecker
  beforeAll(async () => {
    checker = await smallSafetyChecker()
  })
  afterAll(() => checker.dispose())

  it('lets a picture pass that is near nothing', async () => {
    const { concepts } = await checker.analyze(picture)
    expect(await checker.check(picture)).toEqual({
      decision: 'allow',
      checker: 'stable-diffusion-safety-checker',
      score: Math.max(...concepts),
      threshold: 0,
    })
    expect(Math.max(...concepts)).toBeLessThan(0)
  })

  it('compares by cosine', async () => {
    const { embedding, conceptCosines, specialCareCosines } = await checker.analyze(picture)
    expect(embedding.shape).toEqual([1, 12])
    const of = (key: string, i: number) => {
      const all = (safetyCheckerTensors().get(key) as Tensor<'float32'>).data
      const row = all.subarray(12 * i, 12 * i + 12)
      return row.reduce((sum, x, k) => sum + x * embedding.data[k]!, 0) / Math.hypot(...row)
    }
    conceptCosines.forEach((cosine, i) => {
      expect(cosine).toBeCloseTo(of('concept_embeds', i), 5)
    })
    specialCareCosines.forEach((cosine, i) => {
      expect(cosine).toBeCloseTo(of('special_care_embeds', i), 5)
    })
    expect([conceptCosines.length, specialCareCosines.length]).toEqual([17, 3])
    expect(new Set(conceptCosines).size).toBe(17)
    expect((await checker.analyze(drawn(2))).conceptCosines).not.toEqual(conceptCosines)
  })

  it('blocks a picture that is near a concept, and gives its number', async () => {
    const { conceptCosines } = await checker.analyze(picture)
    const strict = await withThresholds({
      concepts: { 4: conceptCosines[4]! - 0.05, 11: conceptCosines[11]! - 0.2, 12: conceptCosines[12]! + 0.005 },
    })
    const verdict = await strict.check(picture)
    expect(verdict).toMatchObject({ decision: 'block', category: 'concept 11', threshold: 0, modelHash: 'abc' })
    expect(verdict.score).toBeCloseTo(0.2, 9)
    expect(verdict.reason).toContain('concept 4, 11 of 0 to 16')
    await strict.dispose()
  })

  it('special care tips the scales', async () => {
    const { conceptCosines, specialCareCosines } = await checker.analyze(picture)
    const concepts = { 12: conceptCosines[12]! + 0.005 }
    const alone = await withThresholds({ concepts })
    expect((await alone.check(picture)).decision).toBe('allow')
    const together = await withThresholds({ concepts, specialCare: { 1: specialCareCosines[1]! - 0.05 } })
    expect(await together.check(picture)).toMatchObject({ decision: 'block', category: 'concept 12', score: 0.005 })
    await Promise.all([alone.dispose(), together.dispose()])
  })

  it('stops when aborted', async () => {
    const reason = new Error('enough')
    expect(await failure(checker.check(picture, { signal: AbortSignal.abort(reason) }))).toBe(reason)
  })

  it('refuses what is no picture', async () => {
    for (const wrong of [undefined, { width: 2, height: 2, data: new Float32Array(12) }])
      expect(await failure(checker.check(wrong as never))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('says so when it was disposed', async () => {
    const short = await smallSafetyChecker()
    await short.dispose()
    await short.dispose()
    expect(await failure(short.check(picture))).toMatchObject({ code: 'DISPOSED' })
  })
})

describe('load', () => {
  it('takes half weights', async () => {
    const half = new Map<string, Tensor>()
    for (const [key, t] of safetyCheckerTensors())
      half.set(key, tensor('float16', float32ToFloat16(toFloat32(t)), t.shape))
    const [full, small] = [await smallSafetyChecker(), await smallSafetyChecker(memoryWeights(half))]
    const [a, b] = [await full.analyze(picture), await small.analyze(picture)]
    a.conceptCosines.forEach((cosine, i) => {
      expect(Math.abs(cosine - b.conceptCosines[i]!)).toBeLessThan(0.01)
    })
    await Promise.all([full.dispose(), small.dispose()])
  })

  it('takes old checkpoints with position_ids, and no other key', async () => {
    const old = safetyCheckerTensors().set('vision_model.vision_model.embeddings.position_ids', zeros('int64', [1, 17]))
    await (await smallSafetyChecker(memoryWeights(old))).dispose()
    old.set('text_model.final_layer_norm.bias', zeros('float32', [8]))
    expect(await failure(smallSafetyChecker(memoryWeights(old)))).toMatchObject({
      code: 'UNEXPECTED_KEY',
      keys: ['text_model.final_layer_norm.bias'],
    })
    old.delete('special_care_embeds')
    expect(await failure(smallSafetyChecker(memoryWeights(old)))).toMatchObject({ code: 'MISSING_KEY' })
  })

  it('refuses another number of concepts', async () => {
    const fewer = safetyCheckerTensors().set('concept_embeds', zeros('float32', [16, 12]))
    expect(await failure(smallSafetyChecker(memoryWeights(fewer)))).toMatchObject({ code: 'WRONG_SHAPE' })
  })

  it('refuses preprocessing of another size, before any weight is read', async () => {
    const hashed: string[] = []
    const modelHash = async () => {
      hashed.push('hashed')
      return 'x'
    }
    const wrong = smallSafetyChecker(undefined, { preprocessing: clipCropping(24), modelHash })
    expect(await failure(wrong)).toMatchObject({ code: 'CONFIG', field: 'crop_size' })
    expect(hashed).toEqual([])
    const right = await smallSafetyChecker(undefined, { modelHash, name: 'mine' })
    expect(await right.check(picture)).toMatchObject({ checker: 'mine', modelHash: 'x' })
    await right.dispose()
  })
})

describe('weights that are not numbers never let a picture pass', () => {
  it.each([...safetyCheckerTensors().keys()])('%s', async key => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const tensors = safetyCheckerTensors()
      ;(tensors.get(key) as Tensor<'float32'>).data[0] = bad
      const run = smallSafetyChecker(memoryWeights(tensors)).then(checker =>
        checker.check(picture).finally(() => checker.dispose()),
      )
      // An infinite bias may be normalised away again: then there is a score, and it is a number.
      const verdict = await run.catch(error => error)
      if (verdict instanceof Error) expect(verdict).toMatchObject({ code: 'NON_FINITE' })
      else expect([bad, Number.isFinite(verdict.score)]).toEqual([Number.POSITIVE_INFINITY, true])
    }
  })

  it.each(['concept_embeds', 'special_care_embeds', 'visual_projection.weight'])('%s of zeros', async key => {
    const tensors = safetyCheckerTensors()
    tensors.set(key, zeros('float32', tensors.get(key)!.shape))
    const run = smallSafetyChecker(memoryWeights(tensors)).then(checker => checker.check(picture))
    expect(await failure(run)).toMatchObject({ code: 'NON_FINITE' })
  })
})
