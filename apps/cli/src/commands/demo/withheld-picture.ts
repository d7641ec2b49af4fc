import type { Image } from '@viscpm/core'
import { missingChecker, policyOf, Safety, type SafetySetup } from '@viscpm/safety'
import type { Messages } from '../../messages/index.js'
import { flaggedLines } from '../../safety/flagged.js'

/**
 * What becomes of a picture whose checker cannot answer, here one that is not installed: the same decision as in a chat or
 * after painting. None where the policy lets it pass.
 */
export async function withheldPicture(
  { preset }: SafetySetup,
  image: Image,
  t: Messages,
  signal: AbortSignal,
): Promise<string | undefined> {
  const checker = missingChecker('picture-checker', 'not installed')
  const safety = new Safety({ policy: policyOf(preset), image: [checker] })
  const decision = await safety.checkImage('painted-picture', image, { signal })
  return decision.action === 'block' ? flaggedLines(t, [decision]).at(-1) : undefined
}
