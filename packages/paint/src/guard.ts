import type { Image, TaskOptions, Verdict } from '@viscpm/core'
import { blackened, blurred, type Decision, isFlagged, type Safety } from '@viscpm/safety'
import { withoutSpecialTokens } from '@viscpm/tokenizer'
import type { SafetyReport } from './types.js'

/** What a request brings along. */
interface Asked {
  readonly prompt: string
  readonly negativePrompt: string
  readonly syntax: 'text' | 'raw'
  readonly image?: Image | undefined
}

/**
 * Checks all that a request brings along, up to the first thing that is blocked. With negative guidance prompt and negative
 * prompt change places: both are looked at.
 */
export async function checkRequest(
  safety: Safety,
  { prompt, negativePrompt, syntax, image }: Asked,
  { signal }: TaskOptions,
): Promise<{ readonly report: SafetyReport; readonly blocked: boolean }> {
  const task = signal ? { signal } : {}
  const coverage = safety.coverage()
  const names = coverage['painted-picture']
  const found: { prompt: Verdict | 'none'; negativePrompt: Verdict | 'none'; image: Verdict | 'none' } = {
    prompt: 'none',
    negativePrompt: 'none',
    image: 'none',
  }
  const flagged: Decision[] = []
  const goesOn = (what: keyof typeof found, decision: Decision): boolean => {
    found[what] = decision.verdict
    if (isFlagged(decision)) flagged.push(decision)
    return decision.action !== 'block'
  }
  const allGoOn = async (): Promise<boolean> => {
    for (const form of formsOf(prompt, syntax))
      if (!goesOn('prompt', await safety.checkText('prompt', form, task))) return false
    for (const form of negativePrompt === '' ? [] : formsOf(negativePrompt, syntax))
      if (!goesOn('negativePrompt', await safety.checkText('negative-prompt', form, task))) return false
    return !image || goesOn('image', await safety.checkImage('source-picture', image, task))
  }
  const blocked = !(await allGoOn())
  const painted = names === 'none' ? 'none' : names.join(', ')
  return { blocked, report: { policy: safety.policy.name, coverage, ...found, painted, flagged } }
}

/** A text as it is read, in CPM-Bee's syntax without control tokens and with `<<` as `<`, and then as it is written. */
function formsOf(text: string, syntax: Asked['syntax']): string[] {
  if (syntax !== 'raw') return [text]
  const read = withoutSpecialTokens(text)
  return read === text ? [text] : [read, text]
}

/** What is shown of a painted picture. */
export function shown(image: Image, { action }: Decision): Image {
  if (action === 'blur') return blurred(image)
  return action === 'blacken' || action === 'block' ? blackened(image) : image
}
