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

/**
 * A checker's verdict; one that throws says 'unknown', which blocks: nothing unchecked reaches a model.
 * @throws the signal's reason when aborted
 */
export async function verdictOf(
  checker: string,
  check: () => Promise<Verdict>,
  signal: AbortSignal | undefined,
): Promise<Verdict> {
  signal?.throwIfAborted()
  try {
    return await check()
  } catch (error) {
    signal?.throwIfAborted()
    return { decision: 'unknown', checker, reason: `the checker failed: ${String((error as Error)?.message ?? error)}` }
  }
}
