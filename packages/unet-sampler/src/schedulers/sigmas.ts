import { ConfigError } from '@viscpm/core'
import { f32, log32, sqrt32 } from './float32.js'
import { flag, type Schema } from './option-specs.js'
import { linspace } from './spacing.js'

/** Other ways of spreading the noise levels between the highest and the lowest; at most one. */
export interface SigmaOptions {
  /** Source: Karras et al., arXiv:2206.00364, equation 5. */
  readonly useKarrasSigmas: boolean
  /** Equal ratios. */
  readonly useExponentialSigmas: boolean
}

export const sigmaSchema = (): Schema<SigmaOptions> => ({
  useKarrasSigmas: flag(false),
  useExponentialSigmas: flag(false),
})

/** @throws ConfigError when a config asks for both. */
export function checkSigmaOptions(karras = false, exponential = false): void {
  if (karras && exponential)
    throw new ConfigError({ field: 'use_karras_sigmas', message: 'and use_exponential_sigmas cannot both be true' })
}

/** Noise-to-signal ratio of each training step, float32, rising. */
export function trainingSigmas(alphas: Float32Array): Float32Array {
  return alphas.map(a => sqrt32(f32(f32(1 - a) / a)))
}

/** Stands for "no signal at all", whose ratio would be infinite. Source: diffusers, for zero terminal SNR. */
export function withSomeSignal(alphas: Float32Array): Float32Array {
  return alphas.map(a => (a === 0 ? 2 ** -24 : a))
}

/** numpy.interp over 0, 1, 2, ..: values between those of a table. */
export function interpolate(table: Float32Array, at: number): number {
  const low = Math.min(Math.floor(at), table.length - 1)
  const high = Math.min(low + 1, table.length - 1)
  return (table[high]! - table[low]!) * (at - low) + table[low]!
}

/** From `highest` down to `lowest`, evenly in the 7th root. */
export function karrasSigmas(lowest: number, highest: number, count: number): number[] {
  const rho = 7
  const low = lowest ** (1 / rho)
  const high = highest ** (1 / rho)
  return linspace(0, 1, count).map(ramp => (high + ramp * (low - high)) ** rho)
}

/** From `highest` down to `lowest`, evenly in the logarithm. */
export function exponentialSigmas(lowest: number, highest: number, count: number): number[] {
  return linspace(Math.log(highest), Math.log(lowest), count).map(Math.exp)
}

/** The noise levels that the options ask for instead of those of the timesteps; undefined for those of the timesteps. */
export function otherSigmas(
  options: Partial<SigmaOptions>,
  lowest: number,
  highest: number,
  count: number,
): number[] | undefined {
  if (options.useKarrasSigmas) return karrasSigmas(lowest, highest, count)
  if (options.useExponentialSigmas) return exponentialSigmas(lowest, highest, count)
  return undefined
}

/** The (fractional) training timesteps at which the noise-to-signal ratio is as given. */
export function timestepsOfSigmas(sigmas: readonly number[], table: Float32Array): number[] {
  const logs = table.map(log32)
  return sigmas.map(sigma => {
    const log = Math.log(Math.max(sigma, 1e-10))
    const above = logs.findIndex(l => log < l)
    const low = Math.min(Math.max((above < 0 ? logs.length : above) - 1, 0), logs.length - 2)
    const weight = Math.min(Math.max((logs[low]! - log) / f32(logs[low]! - logs[low + 1]!), 0), 1)
    return (1 - weight) * low + weight * (low + 1)
  })
}
