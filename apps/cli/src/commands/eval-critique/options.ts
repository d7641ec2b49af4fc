import type { GlobalOptions } from '../../context.js'

/** What stands side by side: pictures of one prompt, judged by what they show, or of several, judged by what each was painted for. */
export const amongWhat = ['same-prompt', 'different-prompts'] as const

export interface CritiqueOptions extends GlobalOptions {
  /** Default 'critique', with the other pictures 'critique-different-prompts': their results do not go into one file. */
  readonly output?: string
  readonly among: (typeof amongWhat)[number]
  /** Of each kind. */
  readonly scenes: number
  /** Names with commas. Default: all. */
  readonly kinds?: string
  readonly candidates: number
  readonly seed: number
  readonly steps: number
  readonly threads?: number
  readonly json?: boolean
}
