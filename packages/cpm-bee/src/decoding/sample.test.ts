import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeModel, fakeBatch, hashed, tokens } from './fixtures/fake-model.js'
import { type AnswerToken, beamSearch, type Decoded, drain, greedy, sample } from './index.js'

const batch = fakeBatch([
  {
    slots: [
      [3, 1],
      [5, 2],
    ],
  },
  { slots: [[2, 1]] },
])
const one = fakeBatch([{ slots: [[2, 1]] }])
const idsOf = (results: Decoded[]): number[][] => results.map(r => r.tokens.map(t => t.id))

describe('greedy', () => {
  it('takes the best allowed token, answer after answer', async () => {
    const script = hashed(12, 5)
    const model = new FakeModel(12, script)
    const [first, second] = await drain(greedy(model, batch, { tokens, maxLength: 40 }))
    const history = ['1.0.0.2']
    for (const [i, token] of second!.tokens.entries()) {
      const logits = Array.from(script(history, 1))
      logits[tokens.unkId] = Number.NEGATIVE_INFINITY
      expect(token.id).toBe(logits.indexOf(Math.max(...logits)))
      expect(token.logProb).toBeLessThan(0)
      history.push(`${token.id}.0.${i + 1}.2`)
    }
    expect(second!.finish).toBe('stop')
    expect(second!.tokens.at(-1)!.id).toBe(tokens.eosId)
    expect(first!.tokens.map(t => t.answer)).toEqual(first!.tokens.map(t => t.answer).sort())
    expect(new Set(first!.tokens.map(t => t.answer))).toEqual(new Set([1, 2]))
    expect(model.live).toBe(0)
    expect(Math.max(...model.stepRows)).toBeLessThanOrEqual(9)
  })

  // With another length penalty upstream goes on past a `</s>` with the second best token, and may prefer the longer.
  it('equals a beam of 1 without length penalty', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(1, 1.3), async (salt, repetitionPenalty) => {
        const penalty = { tokens, repetitionPenalty }
        const [beam] = await beamSearch(new FakeModel(12, hashed(12, salt)), one, {
          ...penalty,
          beamSize: 1,
          lengthPenalty: 0,
          maxLength: 60,
        })
        const [best] = await drain(greedy(new FakeModel(12, hashed(12, salt)), one, { ...penalty, maxLength: 62 }))
        expect(idsOf([beam!])).toEqual(idsOf([best!]))
        expect(best!.score).toBeCloseTo(beam!.score, 3)
      }),
    )
  })

  it('stops at maxLength ids, </s> not counted', async () => {
    const never = new FakeModel(12, () => Float32Array.from({ length: 12 }, (_, id) => (id === 2 ? -9 : id)))
    const [result] = await drain(greedy(never, one, { tokens, maxLength: 4 }))
    expect(result).toMatchObject({ finish: 'length', steps: 4 })
    expect(idsOf([result!])).toEqual([[11, 11, 11, 11]])
    expect(await drain(greedy(never, one, { tokens, maxLength: 0 }))).toMatchObject([{ tokens: [], finish: 'length' }])
  })

  it('refuses options of sampling', async () => {
    const model = new FakeModel(12, hashed(12, 1))
    await expect(drain(greedy(model, one, { tokens, temperature: 0.5 } as never))).rejects.toThrow(
      /^temperature: decoding 'greedy' does not use it; it belongs to 'beam', 'sample'/,
    )
  })
})

describe('sample', () => {
  it('follows the distribution', async () => {
    const logits = Float32Array.from([9, -50, -50, 2, 1, 0])
    const model = new FakeModel(6, () => logits)
    const counts = [0, 0, 0, 0, 0, 0]
    const many = fakeBatch(Array.from({ length: 200 }, () => ({ slots: [[2, 1]] })))
    for await (const token of sample(model, many, { tokens, maxLength: 100, temperature: 2, seed: 1 }))
      counts[token.id]!++
    const weights = [0, 0, 0, Math.exp(1), Math.exp(0.5), 1]
    const total = weights.reduce((a, b) => a + b)
    // Standard error is at most 0.0035.
    for (const [id, weight] of weights.entries()) expect(counts[id]! / 20000).toBeCloseTo(weight / total, 1.7)
    expect(counts.slice(0, 3)).toEqual([0, 0, 0])
  })

  it('repeats with a seed, whatever the batch before it, and differs without', async () => {
    const run = (seed: number, of = batch): Promise<Decoded[]> =>
      drain(sample(new FakeModel(400, hashed(400, 3)), of, { tokens, maxLength: 12, seed }))
    expect(idsOf(await run(7))).toEqual(idsOf(await run(7)))
    expect(idsOf(await run(7))).not.toEqual(idsOf(await run(8)))
    const model = new FakeModel(400, () => new Float32Array(400))
    const [a] = await drain(sample(model, one, { tokens, maxLength: 12 }))
    const [b] = await drain(sample(model, one, { tokens, maxLength: 12 }))
    expect(idsOf([a!])).not.toEqual(idsOf([b!]))
  })

  it('obeys topK, topP and minP', async () => {
    const logits = Float32Array.from([0, -50, -50, 3, 2, 1, 0])
    const seen = async (options: object): Promise<number[]> => {
      const ids = new Set<number>()
      const stream = sample(new FakeModel(7, () => logits), one, { tokens, maxLength: 300, seed: 3, ...options })
      for await (const token of stream) ids.add(token.id)
      return [...ids].sort((a, b) => a - b)
    }
    expect(await seen({})).toEqual([3, 4, 5, 6])
    expect(await seen({ topK: 2 })).toEqual([3, 4])
    expect(await seen({ topK: 1 })).toEqual([3])
    // Probabilities 0.644, 0.237, 0.087, 0.032.
    expect(await seen({ topP: 0.6 })).toEqual([3])
    expect(await seen({ topP: 0.7 })).toEqual([3, 4])
    expect(await seen({ minP: 0.1 })).toEqual([3, 4, 5])
    expect(await seen({ minP: 1 })).toEqual([3])
    expect(await seen({ repetitionPenalty: 1e9, repetitionWindow: 1, topK: 1 })).toEqual([3, 4])
  })

  it('uses the random function it is given', async () => {
    const model = (): FakeModel => new FakeModel(5, () => Float32Array.from([0, -999, -999, 1, 1]))
    const low = await drain(sample(model(), one, { tokens, maxLength: 2, random: () => 0 }))
    const high = await drain(sample(model(), one, { tokens, maxLength: 2, random: () => 1 - 2 ** -53 }))
    expect(idsOf(low)).toEqual([[3, 3]])
    expect(idsOf(high)).toEqual([[4, 4]])
    expect(low[0]!.tokens[0]!.logProb).toBeCloseTo(Math.log(0.5), 5)
    await expect(drain(sample(model(), one, { tokens, seed: 1, random: () => 0 }))).rejects.toThrow(
      /^seed: give either/,
    )
  })

  it('streams every token as it is made', async () => {
    const model = new FakeModel(12, hashed(12, 5))
    const got: AnswerToken[] = []
    for await (const token of sample(model, batch, { tokens, maxLength: 9, seed: 1 })) {
      got.push(token)
      expect(model.stepRows.length).toBe(got.length)
    }
    expect(new Set(got.map(t => t.sample))).toEqual(new Set([0, 1]))
  })
})
