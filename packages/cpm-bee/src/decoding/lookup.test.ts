import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeModel, fakeBatch, hashed, type Script, tokens } from './fixtures/fake-model.js'
import { type AnswerToken, type Decoded, decode, decodeStream, drain, greedy, type LookupOptions } from './index.js'

/** Says the prompt again and again, with a slip now and then that depends on `salt`; ends its answer after `length`. */
function copying(prompt: readonly number[], salt: number, length: number, slips: number): Script {
  const noise = hashed(16, salt)
  return (history, sample) => {
    const random = noise(history, sample)
    const logits = Float32Array.from({ length: 16 }, (_, id) => random[id]! / 8)
    const position = Number(history.at(-1)!.split('.')[2])
    if (position >= length) logits[tokens.eosId] = 20
    else if (random[15]! > slips) logits[prompt[position % prompt.length]!] = 10
    return logits
  }
}

const prompts = fc.array(fc.integer({ min: 3, max: 11 }), { minLength: 4, maxLength: 12 })
const lookups = fc.record(
  {
    maxDraft: fc.integer({ min: 1, max: 9 }),
    minMatch: fc.integer({ min: 1, max: 4 }),
    adaptive: fc.boolean(),
  },
  { requiredKeys: [] },
)

/** A clock that goes on by what a step of so many rows costs. */
function clockOf(model: FakeModel, costOf: (rows: number) => number): () => number {
  return () => model.stepRows.reduce((ms, rows) => ms + costOf(rows), 0)
}

const answersOf = (results: readonly Decoded[]) =>
  results.map(({ tokens: all, finish, score }) => ({ tokens: all, finish, score }))

describe('lookup', () => {
  it('changes nothing but the number of steps: ids, log-probabilities, ends, answers, penalty, blocked ids', async () => {
    let saved = 0
    await fc.assert(
      fc.asyncProperty(
        prompts,
        lookups,
        fc.record({
          decoding: fc.constantFrom('greedy' as const, 'sample' as const),
          maxLength: fc.integer({ min: 0, max: 40 }),
          repetitionPenalty: fc.constantFrom(1, 1, 1.1, 3),
          repetitionWindow: fc.integer({ min: 0, max: 5 }),
        }),
        fc.record({ salt: fc.integer({ min: 0, max: 1e6 }), length: fc.integer({ min: 0, max: 30 }) }),
        fc.constantFrom(-4, 0, 3, 4),
        async (prompt, lookup, settings, { salt, length }, slips) => {
          const batch = fakeBatch(
            [
              {
                slots: [
                  [3, 1],
                  [5, 2],
                  [6, 3],
                ],
                ext: { 14: 'x' },
                prompt,
              },
              { slots: [[2, 1]], ext: { 0: '?', 15: 'y' }, prompt },
            ],
            [
              [5, 1],
              [3, 2],
            ],
          )
          const script = copying(prompt, salt, length, slips)
          const run = async (given: boolean | LookupOptions) => {
            const model = new FakeModel(14, script)
            const now = clockOf(model, rows => 1 + 0.1 * rows)
            const options = { ...settings, ...(settings.decoding === 'sample' && { seed: salt, temperature: 0.5 }) }
            const results = await decode(model, batch, {
              ...options,
              tokens,
              lookup: typeof given === 'boolean' ? given : { ...given, now },
            })
            expect(model.live).toBe(0)
            expect(model.stepRows.length).toBe(results.reduce((n, r) => n + r.steps, 0))
            return results
          }
          const plain = await run(false)
          const looked = await run(lookup)
          expect(answersOf(looked)).toEqual(answersOf(plain))
          for (const [i, { steps, lookup: used }] of looked.entries()) {
            expect(plain[i]!.lookup).toBeUndefined()
            expect(used!.accepted).toBeLessThanOrEqual(used!.drafted)
            expect(steps).toBe(plain[i]!.steps - used!.accepted)
            saved += used!.accepted
          }
        },
      ),
      { numRuns: 400 },
    )
    expect(saved).toBeGreaterThan(1000)
  })

  const prompt = [3, 4, 5, 6, 7, 8, 9, 10, 11]
  const batch = fakeBatch([{ slots: [[3, 1]], prompt }])

  it('saves most steps where the answer repeats the prompt', async () => {
    const model = new FakeModel(16, copying(prompt, 1, 90, -9))
    const now = clockOf(model, rows => 10 + rows)
    const [result] = await drain(greedy(model, batch, { tokens, maxLength: 200, lookup: { now } }))
    expect(result!.tokens.length).toBe(91)
    expect(result!.steps).toBeLessThan(20)
  })

  it('feeds no token that was not asked for, and never more than allowed', async () => {
    const model = new FakeModel(16, copying(prompt, 1, 90, -9))
    const lookup = { adaptive: false, maxDraft: 4 }
    const [result] = await drain(greedy(model, batch, { tokens, maxLength: 31, lookup }))
    expect(result!.tokens.length).toBe(31)
    expect(Math.max(...model.stepRows)).toBe(5)
    const fed = model.stepRows.reduce((sum, rows) => sum + rows, 0)
    expect(fed).toBe(result!.steps + result!.lookup!.drafted)
  })

  it.each([
    ['a further row costs half a step', 0.5],
    ['a further row costs a whole step', 1],
    ['a further row costs nothing', 0],
  ])('costs little where nothing repeats: %s', async (_, rowCost) => {
    // Few tokens, so that matches are frequent and wrong.
    let [plain, looked] = [0, 0]
    for (let salt = 0; salt < 30; salt++) {
      const script = hashed(16, salt)
      const never: Script = (history, sample) => {
        const logits = Float32Array.from(script(history, sample))
        logits[tokens.eosId] = -9
        return logits
      }
      const model = new FakeModel(16, never)
      const cost = (rows: number) => 1 + rowCost * (rows - 1)
      const now = clockOf(model, cost)
      await drain(greedy(model, batch, { tokens, maxLength: 300, lookup: { now } }))
      looked += now()
      plain += 300
    }
    expect(looked / plain).toBeLessThan(1.03)
  })

  it('begins again when the text begins to repeat', async () => {
    // 150 random tokens, then the prompt over and over.
    const random = hashed(16, 5)
    const copied = copying(prompt, 5, 999, -9)
    const model = new FakeModel(16, (history, sample) => {
      if (history.length > 150) return copied(history, sample)
      const logits = Float32Array.from(random(history, sample))
      logits[tokens.eosId] = -9
      return logits
    })
    const now = clockOf(model, rows => 1 + 0.3 * (rows - 1))
    const [result] = await drain(greedy(model, batch, { tokens, maxLength: 400, lookup: { now } }))
    expect(result!.tokens.length).toBe(400)
    expect(now()).toBeLessThan(300)
  })

  it('is on by itself only where a model says that rows agree', async () => {
    const steps = async (rowsAgree: boolean, lookup?: boolean) => {
      const model = new FakeModel(16, copying(prompt, 1, 90, -9))
      model.rowsAgree = rowsAgree
      const options = { tokens, maxLength: 60, ...(lookup === undefined ? {} : { lookup }) }
      const [result] = await drain(greedy(model, batch, options))
      return result!.steps
    }
    expect(await steps(true)).toBeLessThan(60)
    expect(await steps(true, false)).toBe(60)
    expect(await steps(false)).toBe(60)
    expect(await steps(false, true)).toBeLessThan(60)
  })

  it('gives every token before the next step begins, and none before its step', async () => {
    const model = new FakeModel(16, copying(prompt, 1, 90, -9))
    const stepsAt: number[] = []
    const lookup = { adaptive: false, maxDraft: 4 }
    for await (const _ of greedy(model, batch, { tokens, maxLength: 60, lookup })) stepsAt.push(model.stepRows.length)
    const perStep = model.stepRows.map((_, step) => stepsAt.filter(at => at === step + 1).length)
    expect(perStep.reduce((sum, n) => sum + n, 0)).toBe(60)
    expect(Math.min(...perStep)).toBe(1)
    expect(Math.max(...perStep)).toBe(5)
    for (const [step, n] of perStep.entries()) expect(n).toBeLessThanOrEqual(model.stepRows[step]!)
  })

  it('stops between the tokens of one step when it is aborted', async () => {
    const model = new FakeModel(16, copying(prompt, 1, 90, -9))
    const controller = new AbortController()
    const options = { tokens, decoding: 'greedy', maxLength: 90, lookup: { adaptive: false } } as const
    const got: AnswerToken[] = []
    const reading = (async () => {
      for await (const token of decodeStream(model, batch, { ...options, signal: controller.signal })) {
        got.push(token)
        if (model.stepRows.at(-1)! > 3 && got.length > 20) controller.abort(new Error('enough'))
      }
    })()
    await expect(reading).rejects.toThrow('enough')
    const whole = await decode(new FakeModel(16, copying(prompt, 1, 90, -9)), batch, { ...options, lookup: false })
    expect(got).toEqual(whole[0]!.tokens.slice(0, got.length))
    expect(got.length).toBeLessThan(40)
    expect(model.live).toBe(0)
  })

  it('guesses special tokens by their columns, and neither pictures nor what is blocked', async () => {
    const special = {
      ...fakeBatch([{ slots: [[3, 1]], ext: { 14: 'x' }, prompt: [3, 5, 4, 6, 0, 7, 8, 9, 10, 11, 3, 4] }], [[5, 1]]),
      inputIdSubs: Int32Array.from([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      imageBounds: [[[6, 8] as const]],
    }
    const said = [3, 14, 4, 6, 3, 14, 4, 6]
    const fed: string[] = []
    const model = new FakeModel(14, history => {
      fed.push(history.at(-1)!)
      return Float32Array.from({ length: 15 }, (_, id) => (id === said[history.length - 1] ? 9 : id === 0 ? 20 : 0))
    })
    const [result] = await decode(model, special, {
      tokens,
      decoding: 'greedy',
      maxLength: 8,
      lookup: { adaptive: false, minMatch: 1 },
    })
    expect(result!.tokens.map(t => t.id)).toEqual(said)
    expect(result!.lookup!.accepted).toBeGreaterThan(2)
    expect(fed.some(row => /^(0|8|9)\./.test(row))).toBe(false)
    expect(fed).toContain('5.1.2.3')
  })

  it('refuses wrong options', async () => {
    const model = new FakeModel(16, hashed(16, 1))
    const bad: [object, RegExp][] = [
      [{ lookup: 1 }, /^lookup: must be true, false or options/],
      [{ lookup: null }, /^lookup: must be true, false or options/],
      [{ lookup: { maxDraft: 0 } }, /^lookup.maxDraft: must be a whole number of at least 1, not 0/],
      [{ lookup: { minMatch: '2' } }, /^lookup.minMatch: must be a whole number/],
      [{ lookup: { now: 5 } }, /^lookup.now: must be a function/],
      [{ lookup: { drafts: 5 } }, /^lookup.drafts: unknown option/],
      [
        { decoding: 'beam', lookup: true },
        /^lookup: decoding 'beam' does not use it; it belongs to 'greedy', 'sample'/,
      ],
    ]
    for (const [options, message] of bad)
      await expect(
        decode(model, batch, { tokens, decoding: 'greedy', ...options } as never),
        JSON.stringify(options),
      ).rejects.toThrow(message)
    expect(model.prefills).toBe(0)
  })
})
