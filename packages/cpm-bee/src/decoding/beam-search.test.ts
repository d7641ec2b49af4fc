import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeModel, fakeBatch, hashed, tokens } from './fixtures/fake-model.js'
import { referenceBeamSearch } from './fixtures/reference-beam.js'
import { type AnswerToken, beamSearch, beamStream } from './index.js'
import { checkBeamOptions } from './options.js'

const plain = fakeBatch([{ slots: [[4, 1]] }])
// Two samples: several answers, an allowed unknown word, ext columns of one's own and of the other's.
const rich = fakeBatch(
  [
    {
      slots: [
        [3, 1],
        [5, 2],
      ],
      ext: { 12: 'x' },
    },
    { slots: [[2, 1]], ext: { 0: '?', 13: 'y' } },
  ],
  [
    [5, 1],
    [0, 2],
  ],
)

const settings = fc.record({
  beamSize: fc.integer({ min: 1, max: 5 }),
  maxLength: fc.integer({ min: 0, max: 9 }),
  lengthPenalty: fc.constantFrom(-1, 0, 0.5, 1, 3),
  temperature: fc.constantFrom(0.3, 0.7, 1, 2),
  repetitionPenalty: fc.constantFrom(1, 1.1, 3),
  repetitionWindow: fc.integer({ min: 0, max: 3 }),
  salt: fc.integer({ min: 0, max: 1e6 }),
})

describe('beamSearch', () => {
  it('gives what the plain search gives', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async ({ salt, ...options }) => {
        const script = hashed(14, salt)
        const model = new FakeModel(12, script)
        const results = await beamSearch(model, rich, { tokens, ...options })
        for (const [sample, result] of results.entries()) {
          const expected = referenceBeamSearch(script, rich, sample, 12, tokens, checkBeamOptions(options))
          expect(result.hypotheses.map(h => [h.score, h.tokens.map(t => [t.id, t.answer])])).toEqual(
            expected.kept.map(k => [k.score, k.ans]),
          )
          expect(result.steps).toBe(expected.steps)
        }
        expect(model.live).toBe(0)
        expect(model.prefills).toBe(2)
      }),
      { numRuns: 300 },
    )
  })

  it('streams exactly the tokens of the result, each only when it is certain', async () => {
    let early = 0
    await fc.assert(
      fc.asyncProperty(settings, async ({ salt, ...options }) => {
        const model = new FakeModel(12, hashed(14, salt))
        const stream = beamStream(model, rich, { tokens, ...options })
        const streamed: AnswerToken[] = []
        let next = await stream.next()
        for (; !next.done; next = await stream.next()) {
          streamed.push(next.value)
          if (model.live > 0 && next.value.sample === 0) early++
        }
        expect(streamed).toEqual(next.value.flatMap(result => result.tokens))
        for (const { tokens: all, score } of next.value) {
          const sum = all.reduce((total, token) => total + token.logProb, 0)
          expect(sum / all.length ** (options.lengthPenalty ?? 1)).toBeCloseTo(score, 3)
        }
      }),
    )
    expect(early).toBeGreaterThan(100)
  })

  it('feeds one row first, then one per hypothesis', async () => {
    const model = new FakeModel(12, hashed(12, 1))
    await beamSearch(model, plain, { tokens, beamSize: 4, maxLength: 3 })
    expect(model.stepRows).toEqual([1, 4, 4, 4, 4])
  })

  it('allows maxLength + 2 ids and starts every answer with <s> at position 0', async () => {
    const histories: string[] = []
    const model = new FakeModel(12, history => {
      histories.push(history.at(-1)!)
      // Closes the first answer at once, the second never.
      const close = history.length === 1 ? 99 : -99
      return Float32Array.from({ length: 12 }, (_, id) => (id === tokens.eosId ? close : id))
    })
    const twoAnswers = fakeBatch([
      {
        slots: [
          [3, 7],
          [5, 8],
        ],
      },
    ])
    const [result] = await beamSearch(model, twoAnswers, { tokens, beamSize: 1, maxLength: 1 })
    expect(result!.finish).toBe('length')
    expect(result!.tokens.map(t => [t.id, t.answer])).toEqual([
      [2, 7],
      [11, 8],
      [11, 8],
    ])
    expect(histories).toEqual(['1.0.0.3', '1.0.0.5', '11.0.1.5'])
  })

  it('names unknown, foreign and wrong options', async () => {
    const model = new FakeModel(12, hashed(12, 1))
    const bad: [object, RegExp][] = [
      [{ beams: 3 }, /^beams: unknown option/],
      [{ topK: 3 }, /^topK: .*belongs to 'sample'/],
      [{ beamSize: 0 }, /^beamSize: must be a whole number of at least 1, not 0/],
      [{ beamSize: 7 }, /^beamSize: must be at most half of the 12 tokens/],
      [{ maxLength: -1 }, /^maxLength/],
      [{ repetitionPenalty: 0.9 }, /^repetitionPenalty: must be a number of at least 1/],
      [{ temperature: 0 }, /^temperature/],
      [{ lengthPenalty: Number.NaN }, /^lengthPenalty/],
      [{ maxLength: '3' }, /^maxLength: must be a number/],
      [{ vision: [] }, /^vision: 0 entries for 1 samples/],
    ]
    for (const [options, message] of bad)
      await expect(beamSearch(model, plain, { tokens, ...options }), JSON.stringify(options)).rejects.toThrow(message)
    await expect(beamSearch(model, fakeBatch([{ slots: [] }]), { tokens })).rejects.toThrow(/no answer to predict/)
    expect(model.prefills).toBe(0)
  })
})
