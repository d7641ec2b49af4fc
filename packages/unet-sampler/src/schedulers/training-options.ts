export type BetaSchedule = 'linear' | 'scaled_linear' | 'squaredcos_cap_v2' | 'sigmoid' | 'exp'

/** What the model's output stands for: the noise, v = alpha * noise - sigma * sample (arXiv:2202.00512), or the clean sample. */
export type PredictionType = 'epsilon' | 'v_prediction' | 'sample'

/** How the model was trained. Every scheduler has these. */
export interface TrainingOptions {
  readonly numTrainTimesteps: number
  readonly betaStart: number
  readonly betaEnd: number
  readonly betaSchedule: BetaSchedule
  /** The betas themselves, instead of a schedule. */
  readonly trainedBetas: readonly number[] | null
}

/** Of schedulers that can start from pure noise. */
export interface ZeroSnrOptions {
  /** Leaves no signal at the last training step. Source: Lin et al., arXiv:2305.08891. */
  readonly rescaleBetasZeroSnr: boolean
}
