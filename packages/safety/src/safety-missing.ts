import type { ImageChecker, PromptChecker, Verdict } from '@viscpm/core'

/** A checker of texts or of pictures that is configured but not there. */
export interface MissingChecker extends PromptChecker, ImageChecker {
  check(): Promise<Verdict>
}

/** Stands in for a checker that could not be loaded: it knows nothing of anything, which blocks unless a policy says otherwise. */
export function missingChecker(name: string, reason: string): MissingChecker {
  return {
    name,
    check: async () => ({ decision: 'unknown', checker: name, reason: `the checker is missing: ${reason}` }),
  }
}
