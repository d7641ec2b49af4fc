import { describe, expect, it } from 'vitest'
import type { FastRun } from '../groups/fast.js'
import type { StepsRun } from '../groups/paint-steps.js'
import { memoryRows } from './paint-memory.js'
import { type PaintRun, paintRows } from './paint-rows.js'
import { standing } from './row.js'

const timing = (ms: number) => ({ ms, cpuMs: ms })
const pair = (ours: number, torch?: number) => ({
  ours: timing(ours),
  torch: torch === undefined ? undefined : timing(torch),
})
const steps = (ours: number, torch?: number): StepsRun => ({
  load: pair(1),
  steps: [{ ...pair(ours, torch), apart: undefined }],
  decode: pair(12, torch && 14),
  memory: pair(1),
})
const fast = (step: number, picture: number): FastRun => ({
  evaluations: [timing(step)],
  decode: timing(10),
  plain: timing(50 * step + 10),
  fast: timing(picture),
  peakMb: 1,
})
const run = (peers: boolean): PaintRun => ({
  float32: steps(100, peers ? 125 : undefined),
  int8: steps(40, peers ? 60 : undefined),
  openvino: peers ? steps(44, 33) : undefined,
  fast: fast(100, 501),
  fastInt8: fast(40, 167),
  fastInt8Vae: fast(40, 100),
})

describe('rows of painting', () => {
  it('have ratios of one run, and goals', () => {
    const [float32, int8, openvino, vae, picture, picture8] = paintRows([run(true), run(true)])
    expect([float32!.score!.median, standing(float32!)]).toEqual([1.25, 'floor'])
    expect([int8!.score!.median, standing(int8!)]).toEqual([1.5, 'floor'])
    expect([openvino!.ours.median, openvino!.score!.median, standing(openvino!)]).toEqual([44, 0.75, undefined])
    expect(vae!.score!.median).toBeCloseTo(14 / 12)
    // Both against 50 steps of float32.
    expect(picture!.score!.median).toBeCloseTo(10)
    expect(standing(picture!)).toBe('floor')
    expect(picture8!.score!.median).toBeCloseTo(30)
    expect(standing(picture8!)).toBe('aim')
    expect(picture!.ours.median).toBeCloseTo(0.501)
  })

  it('have our own values where nothing is there to compare with', () => {
    const rows = paintRows([run(false)])
    expect(rows.map(row => row.ours.median)).toEqual([100, 40, 40, 12, 0.501, 0.167, 0.1])
    expect(rows.slice(0, 4).every(row => row.score === undefined && row.against!.value === undefined)).toBe(true)
  })

  it('say the peak of the largest stage', () => {
    const ms = { text: 1000, denoise: 2000, decode: 3000 }
    const memory = { resident: 1000, anonymous: 900, file: 80 }
    const rows = memoryRows([{ pixels: 1, ms, peakMb: { text: 300, denoise: 2048, decode: 1500 }, memory }], 'x')
    expect(rows[0]!.score!.median).toBeCloseTo((2048 * 2 ** 20) / 1e9)
    expect(standing(rows[0]!)).toBe('aim')
    expect(rows.map(row => row.unit)).toEqual(['GB', 'GB', 'GB', 's', 'GB', 's', 'GB', 's'])
    // A system that tells nothing: no peak is made up.
    expect(memoryRows([{ pixels: 1, ms, peakMb: {}, memory: undefined }], 'x').map(row => row.unit)).toEqual([
      's',
      's',
      's',
    ])
  })
})
