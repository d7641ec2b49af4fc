import type { WeightSource } from '@viscpm/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  floats,
  loadRecorded,
  openRecorded,
  recordedBatch,
  recordedForward,
  recordedRow,
  worst,
} from './fixtures/recorded.js'
import { forwardAttention } from './forward.js'
import type { CpmBeeModel } from './model.js'

// Tolerances are those of the recordings: about ten times the measured float32 noise.
const tolerance = { logits: 2e-4, hidden: 1e-4 }

let model: CpmBeeModel
let forward: WeightSource
let inference: WeightSource
beforeAll(async () => {
  model = await loadRecorded()
  forward = await openRecorded('forward')
  inference = await openRecorded('inference')
})
afterAll(async () => {
  await model.dispose()
  await forward.close()
  await inference.close()
})

describe("the original's numbers, from its half-precision file", () => {
  it('a pass without a cache: several samples, spans, sub ids, padding', async () => {
    const input = await recordedForward(forward)
    const mask = await forward.read('out.attention_mask')
    expect(worst(forwardAttention(input, model.config).mask, mask.data as Uint8Array)).toBe(0)
    const out = await model.forward(input, ['hidden_states', 'logits'])
    expect(worst(out.hidden_states!.data as Float32Array, await floats(forward, 'out.hidden_states'))).toBeLessThan(
      tolerance.hidden,
    )
    expect(worst(out.logits!.data as Float32Array, await floats(forward, 'out.logits'))).toBeLessThan(tolerance.logits)
  })

  it('prefill and one token after another: a left-padded batch with ext tokens', async () => {
    const batch = await recordedBatch(inference)
    for (let b = 0; b < batch.batch; b++) {
      const generation = await model.prefill(batch, b)
      let steps = 0
      for (; inference.has(`out.step_${steps}.logits`); steps++) {
        const { data, width, rows } = await generation.step([await recordedRow(inference, b, steps)])
        expect([rows, width]).toEqual([1, 615])
        const theirs = await floats(inference, `out.step_${steps}.logits`)
        expect(worst(data, theirs.subarray(b * width, (b + 1) * width))).toBeLessThan(tolerance.logits)
      }
      expect(steps).toBe(6)
      generation.dispose()
    }
  })
})

it('refuses a run after dispose', async () => {
  const other = await loadRecorded()
  await other.dispose()
  await other.dispose()
  const input = await recordedForward(forward)
  await expect(other.forward(input)).rejects.toMatchObject({ code: 'DISPOSED' })
})
