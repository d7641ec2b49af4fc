import type { Estimate } from './statistics.js'

/** What is known of one setting. */
export interface SettingReport {
  readonly name: string
  readonly steps: number
  readonly pictures: number
  /** Work of the UNet at full size, in whole guided evaluations; see `work`. */
  readonly work?: number
  /** 1 - cosine in the features of the picture tower, averaged over pictures of equal prompt and seed. */
  readonly distance: { readonly reference: number; readonly sameSolver: number }
  /** What the judge has among its first five; absent where it was not asked. */
  readonly top5?: {
    readonly single: Estimate
    readonly pairs: Estimate
    readonly all: Estimate
    /** All prompts, minus the reference's: paired by prompt. */
    readonly difference: Estimate
  }
  /** Thing, colour and background right, of all prompts. */
  readonly right?: Estimate
  /** Of painting, all of it, on the machine of the run. */
  readonly secondsPerPicture?: number
}

export interface Report {
  readonly date: string
  readonly model: string
  readonly prompts: number
  readonly picturesPerPrompt: number
  readonly settings: readonly SettingReport[]
}
