import { type Tensor, zeros } from '@viscpm/core'
import { BertTokenizer } from '@viscpm/core/transformers'
import { memoryWeights } from '@viscpm/core/weights'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bertTensors, failure, smallBert, vocabulary } from '../fixtures/small-models.js'
import type { BertPromptChecker, BertPromptRule } from './bert-prompt-checker.js'

const texts = ['红色的猫', 'bomb', 'cat', '狗 cat', '', '的的的']

/** The small model with a bias of its classifier: nothing is unsafe at -9, everything at 9. */
function biased(bias: number, rule: BertPromptRule & { modelHash?: string } = {}) {
  const tensors = bertTensors()
  ;(tensors.get('classifier.bias') as Tensor<'float32'>).data.set([0, bias])
  return smallBert(memoryWeights(tensors), rule)
}

describe('a small checker', () => {
  let checker: BertPromptChecker
  beforeAll(async () => {
    checker = await smallBert()
  })
  afterAll(() => checker.dispose())

  it('scores every label, differently for every text', async () => {
    const all = await Promise.all(texts.map(text => checker.classify(text)))
    for (const scores of all) {
      expect(scores.map(x => x.label).sort()).toEqual(['LABEL_0', 'LABEL_1'])
      expect(scores[0]!.score).toBeGreaterThanOrEqual(scores[1]!.score)
      expect(scores[0]!.score + scores[1]!.score).toBeCloseTo(1, 6)
    }
    expect(new Set(all.map(scores => scores[0]!.score)).size).toBe(texts.length)
  })

  it('blocks when the unsafe label is first, with more than the threshold', async () => {
    const score = (await checker.classify('bomb')).find(x => x.label === 'LABEL_1')!.score
    const [below, at] = [
      await smallBert(undefined, { threshold: score - 1e-6 }),
      await smallBert(undefined, { threshold: score }),
    ]
    // Whichever label comes first: it blocks exactly when it is LABEL_1.
    expect((await below.check('bomb')).decision).toBe(score > 0.5 ? 'block' : 'allow')
    expect((await at.check('bomb')).decision).toBe('allow')
    const other = await smallBert(undefined, { unsafeLabel: 'LABEL_0', threshold: 1 - score - 1e-4 })
    expect((await other.check('bomb')).decision).toBe(score > 0.5 ? 'allow' : 'block')
    await Promise.all([below.dispose(), at.dispose(), other.dispose()])
  })

  it('says what it found', async () => {
    const [strict, lax] = [await biased(9, { modelHash: 'abc' }), await biased(-9)]
    const verdict = await strict.check('猫')
    expect(verdict).toMatchObject({
      decision: 'block',
      category: 'LABEL_1',
      checker: 'bert-prompt-checker',
      threshold: 0.75,
      modelHash: 'abc',
    })
    expect(verdict.score).toBeGreaterThan(0.75)
    expect(verdict.reason).toMatch(/^LABEL_1 has (0\.9|1\.0)\d+, more than 0\.75$/)
    const allowed = await lax.check('猫')
    expect(allowed).toMatchObject({ decision: 'allow', checker: 'bert-prompt-checker', threshold: 0.75 })
    expect(allowed.score).toBeLessThan(0.25)
    expect(allowed).not.toHaveProperty('modelHash')
    await Promise.all([strict.dispose(), lax.dispose()])
  })

  it('stops when aborted, between windows too', async () => {
    const reason = new Error('enough')
    expect(await failure(checker.check('猫', { signal: AbortSignal.abort(reason) }))).toBe(reason)
    const controller = new AbortController()
    const run = checker.check('猫'.repeat(2000), { signal: controller.signal })
    controller.abort(reason)
    expect(await failure(run)).toBe(reason)
  })

  it('takes texts only', async () => {
    expect(await failure(checker.check(undefined as never))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('says so when it was disposed', async () => {
    const short = await smallBert()
    await short.dispose()
    await short.dispose()
    expect(await failure(short.check('猫'))).toMatchObject({ code: 'DISPOSED' })
  })
})

describe('long texts', () => {
  const unsafeOf = async (checker: BertPromptChecker, text: string) =>
    (await checker.classify(text)).find(x => x.label === 'LABEL_1')!.score

  it('are as bad as their worst window', async () => {
    const checker = await smallBert(undefined, { overlap: 4 })
    const long = `${'红'.repeat(17)}${'狗'.repeat(4)}${'的'.repeat(17)}`
    // Windows of 14 tokens, 10 apart, the last one at the end.
    const parts = [0, 10, 20, 24].map(at => long.slice(at, at + 14))
    const scores = await Promise.all(parts.map(part => unsafeOf(checker, part)))
    expect(await unsafeOf(checker, long)).toBe(Math.max(...scores))
    expect(new Set(scores).size).toBeGreaterThan(2)
    await checker.dispose()
  })

  it('hide nothing at their end', async () => {
    const checker = await smallBert()
    const window = `${'猫'.repeat(10)}bomb cat bomb 狗`
    const alone = await unsafeOf(checker, window)
    expect(await unsafeOf(checker, `${'的'.repeat(500)}${window}`)).toBeGreaterThanOrEqual(alone)
    await checker.dispose()
  })

  it('name the part that is bad', async () => {
    const checker = await biased(9)
    expect((await checker.check('猫'.repeat(15))).reason).toMatch(/ in part \d of 2$/)
    await checker.dispose()
  })

  it('fail without windows, as with the original', async () => {
    const checker = await smallBert(undefined, { windows: false })
    expect((await checker.check('猫'.repeat(14))).score).toBeGreaterThan(0)
    const error = await failure(checker.check('猫'.repeat(15)))
    expect(error).toMatchObject({ code: 'CONTEXT_TOO_LONG', length: 17, limit: 16 })
    expect(error.hint).toContain('windows: true')
    await checker.dispose()
  })
})

describe('load', () => {
  it.each([
    [{ unsafeLabel: 'unsafe' }, 'unsafeLabel'],
    [{ threshold: Number.NaN }, 'threshold'],
    [{ threshold: 1 }, 'threshold'],
    [{ threshold: '0.5' as never }, 'threshold'],
    [{ windows: 'yes' as never }, 'windows'],
    [{ overlap: 14 }, 'overlap'],
    [{ overlap: 1.5 }, 'overlap'],
  ])('refuses %j before any weight is read', async (rule, argument) => {
    const modelHash = () => Promise.reject(new Error('a weight was read'))
    expect(await failure(smallBert(undefined, { ...rule, modelHash }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      argument,
    })
  })

  it('refuses a larger vocabulary, and other keys', async () => {
    const tokenizer = BertTokenizer.fromVocabulary(`${vocabulary}\n鸟`)
    expect(await failure(smallBert(undefined, { tokenizer }))).toMatchObject({ code: 'VOCABULARY' })
    const old = bertTensors().set('bert.embeddings.position_ids', zeros('int64', [1, 16]))
    await (await smallBert(memoryWeights(old))).dispose()
    old.set('cls.predictions.bias', zeros('float32', [12]))
    expect(await failure(smallBert(memoryWeights(old)))).toMatchObject({ code: 'UNEXPECTED_KEY' })
    old.delete('bert.pooler.dense.bias')
    expect(await failure(smallBert(memoryWeights(old)))).toMatchObject({ code: 'MISSING_KEY' })
  })
})

describe('weights that are not numbers never let a text pass', () => {
  const keys = [...bertTensors().keys()]
  it.each(keys)('%s', async key => {
    const tensors = bertTensors()
    // Of tables, the row of [CLS] or of the first position is read by every text.
    const { data, shape } = tensors.get(key) as Tensor<'float32'>
    data[key.includes('word_embeddings') ? 2 * shape[1]! : 0] = Number.NaN
    const checker = await smallBert(memoryWeights(tensors))
    expect(await failure(checker.check('猫'))).toMatchObject({ code: 'NON_FINITE' })
    await checker.dispose()
  })
})
