import { divided, f32, linear, sqrt32 } from './float32.js'
import type { PredictionType } from './training-options.js'

/** A noise level that keeps the variance: sample = alpha * original + sigma * noise, alpha^2 + sigma^2 = 1. */
export interface Level {
  readonly alpha: number
  readonly sigma: number
}

/** From what is left of the signal's variance (alpha bar). */
export function levelOf(alphaProd: number): Level {
  return { alpha: sqrt32(alphaProd), sigma: sqrt32(f32(1 - alphaProd)) }
}

/** The clean sample that the model's output stands for. */
export function originalOf(
  type: PredictionType,
  { alpha, sigma }: Level,
  sample: Float32Array,
  output: Float32Array,
): Float32Array {
  switch (type) {
    case 'epsilon':
      return divided(linear([1, sample], [-sigma, output]), alpha)
    case 'v_prediction':
      return linear([alpha, sample], [-sigma, output])
    case 'sample':
      return output.slice()
  }
}

/** The noise that the model's output stands for. */
export function noiseOf(
  type: PredictionType,
  { alpha, sigma }: Level,
  sample: Float32Array,
  output: Float32Array,
): Float32Array {
  switch (type) {
    case 'epsilon':
      return output
    case 'v_prediction':
      return linear([alpha, output], [sigma, sample])
    case 'sample':
      return divided(linear([1, sample], [-alpha, output]), sigma)
  }
}
