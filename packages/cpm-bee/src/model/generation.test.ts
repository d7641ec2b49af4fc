import type { PackedBatch } from '@viscpm/tokenizer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DecodeRow, Generation } from '../engine.js'
import { alone as growAlone, split } from './fixtures/growth.js'
import { loadRecorded, openRecorded, recordedBatch, worst } from './fixtures/recorded.js'
import type { CpmBeeModel } from './model.js'

// The kernels add up in another order when several rows are fed at once.
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

function row(parent: number, id: number, position: number): DecodeRow {
  return { parent, id, sub: 0, position, segment }
}

const alone = (ids: readonly number[], sample = 0) => growAlone(model, batch, segment, ids, sample)

/** A tree of answers: hypotheses are dropped, doubled and reordered from step to step. */
const tree: readonly (readonly (readonly [parent: number, id: number])[])[] = [
  [[-1, 6]],
  [
    [0, 20],
    [0, 31],
    [0, 42],
  ],
  [
    [2, 50],
    [0, 51],
    [2, 52],
  ],
  [
    [1, 60],
    [1, 61],
    [0, 62],
  ],
]

describe('hypotheses that share a cache', () => {
  it('each see their own ancestors and nothing of the others', async () => {
    const generation = await model.prefill(batch, 0)
    let paths: number[][] = [[]]
    for (const [position, rows] of tree.entries()) {
      paths = rows.map(([parent, id]) => [...(paths[Math.max(parent, 0)] ?? []), id])
      const { data } = await generation.step(rows.map(([parent, id]) => row(parent, id, position)))
      for (const [r, logits] of split(data, rows.length).entries())
        expect(worst(logits, (await alone(paths[r]!)).at(-1)!)).toBeLessThan(tolerance)
    }
    generation.dispose()
  })

  it('stay right when the cache grows under them', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => 10 + ((i * 37) % 500))
    const generation = await model.prefill(batch, 0)
    let last: Float32Array[] = []
    for (const [i, id] of ids.entries()) {
      const rows = [0, 1, 2].map(r => row(i === 0 ? -1 : r, r === 1 ? id : 10 + r, i))
      last = split((await generation.step(rows)).data, 3)
    }
    expect(worst(last[1]!, (await alone(ids)).at(-1)!)).toBeLessThan(tolerance)
    generation.dispose()
  })
})

describe('generations', () => {
  it('of one model do not mix', async () => {
    const ids = [6, 90, 91, 92]
    const [first, second] = [await model.prefill(batch, 0), await model.prefill(batch, 2)]
    const grown: Float32Array[][] = [[], []]
    for (const [i, id] of ids.entries()) {
      const feed = (generation: Generation) => generation.step([row(i === 0 ? -1 : 0, id, i)])
      const steps = await Promise.all([feed(first), feed(second)])
      grown[0]!.push(steps[0].data)
      grown[1]!.push(steps[1].data)
    }
    for (const [g, sample] of [0, 2].entries())
      for (const [i, logits] of (await alone(ids, sample)).entries()) expect(grown[g]![i]).toEqual(logits)
  })

  it('give logits that later steps leave alone', async () => {
    const generation = await model.prefill(batch, 0)
    const { data } = await generation.step([row(-1, 6, 0)])
    const copy = data.slice()
    await generation.step([row(0, 30, 1)])
    expect(data).toEqual(copy)
  })

  it('refuse a step after dispose and leave the model usable', async () => {
    const generation = await model.prefill(batch, 0)
    generation.dispose()
    generation.dispose()
    await expect(generation.step([row(-1, 6, 0)])).rejects.toMatchObject({ code: 'DISPOSED' })
    expect(await alone([6])).toHaveLength(1)
  })

  it('stop at an aborted signal, before prefill and between steps, and can go on', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(model.prefill(batch, 0, { signal })).rejects.toThrow('enough')
    const generation = await model.prefill(batch, 0)
    await expect(generation.step([row(-1, 6, 0)], { signal })).rejects.toThrow('enough')
    expect((await generation.step([row(-1, 6, 0)])).data).toEqual((await alone([6]))[0])
  })

  it('take vision rows in place of the placeholders only', async () => {
    const bounded = { ...batch, imageBounds: [[[2, 5] as const], [], []] }
    const data = new Float32Array(3 * model.config.dimModel).map((_, i) => Math.sin(i))
    const generation = await model.prefill(bounded, 0, { vision: { data, rows: 3 } })
    const { data: seen } = await generation.step([row(-1, 6, 0)])
    expect(worst(seen, (await alone([6]))[0]!)).toBeGreaterThan(1e-3)
    await expect(model.prefill(bounded, 0, { vision: { data, rows: 2 } })).rejects.toMatchObject({ argument: 'vision' })
    await expect(model.prefill(batch, 0, { vision: { data, rows: 3 } })).rejects.toMatchObject({ argument: 'vision' })
  })

  it('refuse nesting that the model has no bias for', async () => {
    const deep = { ...batch, segmentRel: Int32Array.from(batch.segmentRel, () => 33) }
    await expect(model.prefill(deep, 0)).rejects.toThrow(/nested too deep/)
  })
})
