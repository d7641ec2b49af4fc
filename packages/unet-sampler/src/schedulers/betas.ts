import { f32, sqrt32 } from './float32.js'
import type { TrainingOptions } from './training-options.js'

/** torch.linspace in float32: from both ends to the middle, each value rounded once. */
function linspace32(first: number, last: number, count: number): Float32Array {
  const start = f32(first)
  const end = f32(last)
  const step = count > 1 ? f32(f32(end - start) / (count - 1)) : 0
  return Float32Array.from({ length: count }, (_, i) =>
    i < count / 2 ? start + step * i : end - step * (count - 1 - i),
  )
}

/** Betas that follow a given curve of the remaining signal over 0..1. Source: Nichol and Dhariwal, arXiv:2102.09672. */
function betasForAlphaBar(count: number, alphaBar: (t: number) => number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) =>
    Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), 0.999),
  )
}

/** Noise added at each training step, [numTrainTimesteps], float32. */
export function makeBetas(options: TrainingOptions): Float32Array {
  const { numTrainTimesteps: count, betaStart, betaEnd, betaSchedule, trainedBetas } = options
  if (trainedBetas) return Float32Array.from(trainedBetas)
  switch (betaSchedule) {
    case 'linear':
      return linspace32(betaStart, betaEnd, count)
    case 'scaled_linear':
      return linspace32(betaStart ** 0.5, betaEnd ** 0.5, count).map(x => x * x)
    case 'squaredcos_cap_v2':
      return betasForAlphaBar(count, t => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2)
    case 'exp':
      return betasForAlphaBar(count, t => Math.exp(t * -12))
    case 'sigmoid':
      return linspace32(-6, 6, count).map(
        x => f32(f32(1 / (1 + Math.exp(-x))) * f32(betaEnd - betaStart)) + f32(betaStart),
      )
  }
}

/** Signal left after each training step: the running product of 1 - beta, kept in float64 as torch.cumprod does. */
export function cumulativeAlphas(betas: Float32Array): Float32Array {
  let product = 1
  return betas.map(beta => {
    product *= f32(1 - beta)
    return product
  })
}

/** Betas moved so that nothing of the signal is left at the last step. Source: Lin et al., arXiv:2305.08891, algorithm 1. */
export function zeroTerminalSnr(betas: Float32Array): Float32Array {
  const roots = cumulativeAlphas(betas).map(sqrt32)
  const first = roots[0]!
  const last = roots.at(-1)!
  const scale = f32(first / f32(first - last))
  const bars = roots.map(root => f32(f32(root - last) * scale) ** 2)
  return bars.map((bar, i) => 1 - (i === 0 ? bar : f32(bar / bars[i - 1]!)))
}
