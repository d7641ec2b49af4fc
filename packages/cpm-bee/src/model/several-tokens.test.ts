import type { PackedBatch } from '@viscpm/tokenizer'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DecodeRow } from '../engine.js'
import { alone as growAlone, split } from './fixtures/growth.js'
import { loadRecorded, openRecorded, recordedBatch, worst } from './fixtures/recorded.js'
import type { CachedGeneration } from './generation.js'
import type { CpmBeeModel } from './model.js'

// Attention adds up in another order when several rows are fed at once.
const tolerance = 2e-5

let model: CpmBeeModel
let batch: PackedBatch
let segment: number
beforeAll(async () => {
  model = await loadRecorded()
  const recorded = await openRecorded('inference')
  batch = await recordedBatch(recorded)
  segment = (await recorded.read('out.step_0.in.segment')).data[0] as number
  await recorded.close()
})
afterAll(() => model.dispose())

const alone = (ids: readonly number[]) => growAlone(model, batch, segment, ids)
const start = () => model.prefill(batch, 0) as Promise<CachedGeneration>

/** Rows for `ids` one behind the other, the first after row `parent` of the step before. */
function chain(ids: readonly number[], position: number, parent: number): DecodeRow[] {
  return ids.map((id, i) => ({
    parent: i === 0 ? parent : i - 1,
    id,
    sub: 0,
    position: position + i,
    segment,
    ...(i > 0 && { sameStep: true }),
  }))
}

describe('several tokens of one answer in one step', () => {
  it('give the logits of one after another, however they are parted', async () => {
    const ids = [6, 20, 31, 42, 53, 64, 75]
    const expected = await alone(ids)
    for (const sizes of [[7], [1, 6], [3, 1, 3], [2, 5]]) {
      const generation = await start()
      let at = 0
      let parent = -1
      for (const size of sizes) {
        const { data } = await generation.step(chain(ids.slice(at, at + size), at, parent))
        for (const [i, logits] of split(data, size).entries())
          expect(worst(logits, expected[at + i]!)).toBeLessThan(tolerance)
        at += size
        parent = size - 1
      }
      generation.dispose()
    }
  })

  it('can be taken back: what follows knows nothing of them, and their places are used again', async () => {
    const generation = await start()
    const told: number[] = []
    let parent = -1
    let bytes = 0
    for (let step = 0; step < 60; step++) {
      // One right token, four wrong ones, of which the next step continues none.
      const right = 10 + ((step * 37) % 500)
      const { data } = await generation.step(chain([right, 600, 601, 602, 603], step, parent))
      parent = 0
      told.push(right)
      if (step === 10) bytes = generation.cacheBytes
      if (step % 12 === 11) expect(worst(split(data, 5)[0]!, (await alone(told)).at(-1)!)).toBeLessThan(tolerance)
    }
    // 60 tokens, not 300: it may have grown for them once more.
    expect(generation.cacheBytes).toBeLessThan(bytes * 2)
    generation.dispose()
    expect(generation.cacheBytes).toBe(0)
  })

  it('may branch within a step', async () => {
    const generation = await start()
    const row = (parent: number, id: number, position: number, sameStep: boolean): DecodeRow => ({
      parent,
      id,
      sub: 0,
      position,
      segment,
      sameStep,
    })
    await generation.step([row(-1, 6, 0, false)])
    const { data } = await generation.step([
      row(0, 20, 1, false),
      row(0, 30, 2, true),
      row(0, 31, 2, true),
      row(2, 40, 3, true),
      row(0, 21, 1, false),
    ])
    const paths = [
      [6, 20],
      [6, 20, 30],
      [6, 20, 31],
      [6, 20, 31, 40],
      [6, 21],
    ]
    for (const [i, logits] of split(data, 5).entries())
      expect(worst(logits, (await alone(paths[i]!)).at(-1)!)).toBeLessThan(tolerance)
    generation.dispose()
  })

  it('hold whatever is accepted, in random walks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(), fc.nat({ max: 1000 })), {
          minLength: 1,
          maxLength: 6,
        }),
        async steps => {
          const generation = await start()
          const path: number[] = []
          let parent = -1
          for (const [size, accept, salt] of steps) {
            const ids = Array.from({ length: size }, (_, i) => 10 + ((salt * 31 + i * 17) % 550))
            const { data } = await generation.step(chain(ids, path.length, parent))
            const kept = accept % size
            const expected = (await alone([...path, ...ids.slice(0, kept + 1)])).at(-1)!
            expect(worst(split(data, size)[kept]!, expected)).toBeLessThan(tolerance)
            path.push(...ids.slice(0, kept + 1))
            parent = kept
          }
          generation.dispose()
        },
      ),
      { numRuns: 60 },
    )
  })

  it('must continue rows that are there', async () => {
    const generation = await start()
    const [first, second] = chain([6, 7], 0, -1)
    for (const rows of [
      [{ ...first!, parent: 0 }],
      [{ ...first!, sameStep: true }],
      [first!, { ...second!, parent: 1 }],
      [first!, { ...second!, parent: -1 }],
    ])
      await expect(generation.step(rows)).rejects.toMatchObject({ argument: 'rows' })
    expect((await generation.step([first!])).rows).toBe(1)
    generation.dispose()
  })

  it('a hypothesis that was dropped leaves its place to others', async () => {
    const generation = await start()
    const row = (parent: number, id: number, position: number): DecodeRow => ({ parent, id, sub: 0, position, segment })
    await generation.step([row(-1, 6, 0)])
    const path = [6]
    let last = new Float32Array()
    const before = generation.cacheBytes
    for (let step = 1; step <= 40; step++) {
      // Three from the first one each time: the two others die.
      const { data } = await generation.step([0, 1, 2].map(i => row(0, 20 + step * 3 + i, step)))
      path.push(20 + step * 3)
      last = split(data, 3)[0]! as Float32Array<ArrayBuffer>
    }
    expect(worst(last, (await alone(path)).at(-1)!)).toBeLessThan(tolerance)
    // 41 live tokens and the last two dead ones, not 121.
    expect(generation.cacheBytes / before).toBeLessThan((batch.length + 43 + 48) / batch.length)
    generation.dispose()
  })

  it('a run in progress keeps its cache when the generation is disposed', async () => {
    const generation = await start()
    const running = generation.step(chain([6, 20], 0, -1))
    generation.dispose()
    const { data } = await running
    expect(worst(split(data, 2)[1]!, (await alone([6, 20])).at(-1)!)).toBeLessThan(tolerance)
    expect(generation.cacheBytes).toBe(0)
  })
})
