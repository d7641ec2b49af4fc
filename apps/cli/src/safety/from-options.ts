import type { Stage } from '@viscpm/core'
import { isPictureStage, policyOf, type SafetySetup } from '@viscpm/safety'
import { UsageError } from '../failures.js'
import type { Messages } from '../messages/index.js'
import type { SafetyOptions } from '../options/safety.js'

/**
 * The options as they travel. `stages` are those that the command passes.
 * @throws UsageError for a checker that would never be asked: what is given must count
 */
export function safetySetup(options: SafetyOptions, stages: readonly Stage[], t: Messages): SafetySetup {
  const { safety: preset, promptChecker, imageChecker, audit, threads } = options
  const asked = stages.filter(stage => policyOf(preset).checks(stage))
  const unused = (flag: string): never => {
    throw new UsageError(t.safety.neverAsked(flag, `--safety ${preset}`), t.safety.neverAskedHint)
  }
  if (promptChecker !== undefined && asked.every(isPictureStage)) unused('--prompt-checker')
  if (imageChecker !== undefined && !asked.some(isPictureStage)) unused('--image-checker')
  return {
    preset,
    ...(promptChecker !== undefined && { promptChecker }),
    ...(imageChecker !== undefined && { imageChecker }),
    ...(audit !== undefined && { audit }),
    ...(threads !== undefined && { threads }),
  }
}
