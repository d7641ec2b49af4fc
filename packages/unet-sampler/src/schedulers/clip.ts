import { f32 } from './float32.js'
import { flag, type Schema, within } from './option-specs.js'

/** Clamping of the predicted clean sample to a fixed range. */
export interface ClipOptions {
  readonly clipSample: boolean
  readonly clipSampleRange: number
}

/** Clamping to a percentile of each sample's own values: for models on pixels. Source: Imagen, arXiv:2205.11487. */
export interface ThresholdOptions {
  readonly thresholding: boolean
  readonly dynamicThresholdingRatio: number
  readonly sampleMaxValue: number
}

const positive = within(Number.MIN_VALUE, Number.MAX_VALUE, 1)

export const clipSchema = (initial: boolean): Schema<ClipOptions> => ({
  clipSample: flag(initial),
  clipSampleRange: positive,
})

export const thresholdSchema = (): Schema<ThresholdOptions> => ({
  thresholding: flag(false),
  dynamicThresholdingRatio: within(0, 1, 0.995),
  sampleMaxValue: positive,
})

/** torch.quantile of float32 values, which it sorts. */
function quantile(values: Float32Array, ratio: number): number {
  const sorted = values.sort()
  const rank = f32(f32(ratio) * (sorted.length - 1))
  const below = Math.floor(rank)
  const low = sorted[below]!
  const high = sorted[Math.ceil(rank)]!
  const weight = f32(rank - below)
  const span = f32(high - low)
  return weight < 0.5 ? f32(low + weight * span) : f32(high - span * f32(1 - weight))
}

function threshold(values: Float32Array, batch: number, options: ThresholdOptions): Float32Array {
  const out = new Float32Array(values.length)
  const size = values.length / batch
  for (let b = 0; b < batch; b++) {
    const sample = values.subarray(b * size, (b + 1) * size)
    const percentile = quantile(sample.map(Math.abs), options.dynamicThresholdingRatio)
    const s = f32(Math.min(Math.max(percentile, 1), options.sampleMaxValue))
    for (let i = 0; i < size; i++) out[b * size + i] = Math.min(Math.max(sample[i]!, -s), s) / s
  }
  return out
}

/** The predicted clean sample, [batch, ...], as the options want it; thresholding goes before clipping. */
export function clipped(
  values: Float32Array,
  batch: number,
  options: Partial<ClipOptions & ThresholdOptions>,
): Float32Array {
  if (options.thresholding) return threshold(values, batch, options as ThresholdOptions)
  if (!options.clipSample) return values
  const range = f32(options.clipSampleRange!)
  return values.map(v => Math.min(Math.max(v, -range), range))
}
