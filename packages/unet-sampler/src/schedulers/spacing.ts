import { oneOf, type Schema, whole } from './option-specs.js'

/** How the steps are spread over the training timesteps. Source: Lin et al., arXiv:2305.08891, table 2. */
export type TimestepSpacing = 'leading' | 'trailing' | 'linspace'

export interface SpacingOptions {
  readonly timestepSpacing: TimestepSpacing
  /** Added to every timestep of `leading` spacing. */
  readonly stepsOffset: number
}

export function spacingSchema(initial: TimestepSpacing): Schema<SpacingOptions> {
  return { timestepSpacing: oneOf(['leading', 'trailing', 'linspace'], initial), stepsOffset: whole(0, 0) }
}

/** numpy.round: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1
}

/** numpy.linspace in float64, both ends included. */
export function linspace(start: number, stop: number, count: number): number[] {
  const step = count > 1 ? (stop - start) / (count - 1) : 0
  return Array.from({ length: count }, (_, i) => (i > 0 && i === count - 1 ? stop : i * step + start))
}

/** The last training timestep down by equal parts of the training, which need not be whole. */
export function trailing(total: number, steps: number, end: number = total): number[] {
  const difference = end - total / steps - end // as numpy.arange takes it, rounding and all
  const count = Math.ceil(end / (total / steps) - 1e-9)
  return Array.from({ length: count }, (_, i) => roundHalfEven(end + i * difference) - 1)
}

/** Timesteps from the noisiest down; whole but for `linspace`. */
export function spacedTimesteps(options: SpacingOptions, total: number, steps: number): number[] {
  switch (options.timestepSpacing) {
    case 'linspace':
      return linspace(0, total - 1, steps).reverse()
    case 'leading': {
      const ratio = Math.floor(total / steps)
      return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * ratio + options.stepsOffset)
    }
    case 'trailing':
      return trailing(total, steps)
  }
}
