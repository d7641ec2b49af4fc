import type { Language } from './sample.js'
import type { Rate } from './statistics.js'

/** How often a checker was wrong about one group: blocked what is harmless, or let pass what is harmful. */
export interface GroupResult extends Rate {
  readonly checker: string
  readonly group: string
  readonly language: Language
  readonly harmful: boolean
  readonly count: number
  /** Decided the wrong way. `rate` is their share. */
  readonly wrong: number
  /** Not decided: neither right nor wrong; the policy blocks them unless it says otherwise. */
  readonly unknown: number
  readonly wrongTexts: readonly string[]
}

/** How many of the disguised words are found; `rate` is their share. */
export interface EvasionResult extends Rate {
  /** 'plain match': the same list without normalisation. */
  readonly checker: string
  readonly language: Language
  readonly kind: string
  readonly count: number
  readonly found: number
  readonly missedTexts: readonly string[]
}

export interface LatencyResult {
  readonly checker: string
  readonly language: Language
  readonly characters: number
  readonly runs: number
  /** Milliseconds. */
  readonly median: number
  readonly p95: number
}

/** How much of a language a checker's WordPiece vocabulary cannot spell. */
export interface UnknownTokens {
  readonly checker: string
  readonly language: Language
  readonly tokens: number
  readonly unknown: number
}

/** Harmless pictures that were blocked. */
export interface PicturesResult extends Rate {
  readonly checker: string
  readonly modelHash: string | undefined
  readonly count: number
  readonly wrong: number
  readonly unknown: number
  readonly wrongFiles: readonly string[]
}

export interface Report {
  readonly date: string
  readonly machine: { readonly cpu: string; readonly cores: number; readonly platform: string; readonly node: string }
  readonly checkers: readonly { readonly name: string; readonly modelHash: string | undefined }[]
  readonly groups: readonly GroupResult[]
  readonly evasion: readonly EvasionResult[]
  readonly latency: readonly LatencyResult[]
  readonly unknownTokens: readonly UnknownTokens[]
  readonly pictures: readonly PicturesResult[]
}
