/** Options of `calibrate`; `help.options` describes them. */
export type CalibrateOption =
  | 'calibrateOutput'
  | 'calibratePrompt'
  | 'calibrateSteps'
  | 'calibratePercentile'
  | 'calibrateKeep'
  | 'calibrateVae'
  | 'calibrateJson'

export interface CalibrateMessages {
  readonly calibrating: string
  /** By the library's names. */
  readonly phases: Readonly<Record<string, string>>
  badPattern(pattern: string, why: string): string
  done(folder: string, layers: number, size: string, seconds: string): string
  vaeDone(layers: number): string
  readonly tryIt: string
}
