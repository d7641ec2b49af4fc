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

/** Looks at a text of any length. */
export interface PromptChecker {
  readonly name: string
  check(text: string, options?: { signal?: AbortSignal }): Promise<Verdict>
}

/** Looks at a picture of any size. */
export interface ImageChecker {
  readonly name: string
  check(image: Image, options?: { signal?: AbortSignal }): Promise<Verdict>
}

/** Where something is checked on its way into a model, or out of it. */
export type Stage =
  | 'chat-picture'
  | 'chat-text'
  | 'chat-answer'
  | 'prompt'
  | 'negative-prompt'
  | 'source-picture'
  | 'painted-picture'
