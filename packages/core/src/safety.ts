import type { Image } from './image/types.js'

/** What a checker decided. `unknown` (missing, failing, timed out) blocks unless the caller's policy says otherwise. */
export interface Verdict {
  readonly decision: 'allow' | 'block' | 'unknown'
  readonly category?: string
  readonly score?: number
  readonly threshold?: number
  readonly checker: string
  readonly modelHash?: string
  readonly reason?: string
}

export interface PromptChecker {
  readonly name: string
  check(text: string, options?: { signal?: AbortSignal }): Promise<Verdict>
}

export interface ImageChecker {
  readonly name: string
  check(image: Image, options?: { signal?: AbortSignal }): Promise<Verdict>
}
