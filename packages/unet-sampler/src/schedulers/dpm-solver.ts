import { exp32, f32, log32, sqrt32 } from './float32.js'
import type { Level } from './prediction.js'
import { levelOfSigma } from './sigma-run.js'

export type DPMAlgorithm = 'dpmsolver++' | 'sde-dpmsolver++'

/** A noise level and half the logarithm of its signal-to-noise ratio, all float32. */
export interface LogLevel extends Level {
  readonly lambda: number
}

export function logLevel(ratio: number): LogLevel {
  const { alpha, sigma } = levelOfSigma(ratio)
  return { alpha, sigma, lambda: f32(log32(alpha) - log32(sigma)) }
}

/** What each part of the next sample is multiplied by. */
export interface DPMWeights {
  readonly sample: number
  /** Of the predicted clean sample. */
  readonly d0: number
  /** Of its first derivative, by the two kinds of solver. */
  readonly midpoint: number
  readonly heun: number
  /** Of its second derivative. */
  readonly d2: number
  /** Of fresh noise; undefined where there is none. */
  readonly noise: number | undefined
}

/**
 * Exact solution of the linear part of the equation from one noise level to another.
 * Source: Lu et al., DPM-Solver++, arXiv:2211.01095, section 4 and (sde) section 4.3; k-diffusion's SDE variant.
 */
export function dpmWeights(algorithm: DPMAlgorithm, from: LogLevel, to: LogLevel): DPMWeights {
  const h = f32(to.lambda - from.lambda)
  const ratio = f32(to.sigma / from.sigma)
  if (algorithm === 'dpmsolver++') {
    const grown = f32(exp32(-h) - 1)
    const d0 = f32(to.alpha * grown)
    return {
      sample: ratio,
      d0: -d0,
      midpoint: -f32(0.5 * d0),
      heun: f32(to.alpha * f32(f32(grown / h) + 1)),
      d2: -f32(to.alpha * f32(f32(f32(grown + h) / f32(h * h)) - 0.5)),
      noise: undefined,
    }
  }
  const h2 = f32(2 * h)
  const decayed = f32(1 - exp32(-h2))
  const d0 = f32(to.alpha * decayed)
  return {
    sample: f32(ratio * exp32(-h)),
    d0,
    midpoint: f32(0.5 * d0),
    heun: f32(to.alpha * f32(f32(decayed / -h2) + 1)),
    d2: f32(to.alpha * f32(f32(f32(decayed - h2) / f32(h2 * h2)) - 0.5)),
    noise: f32(to.sigma * sqrt32(decayed)),
  }
}
