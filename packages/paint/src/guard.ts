import { type Image, type ImageChecker, type PromptChecker, type Verdict, verdictOf } from '@viscpm/core'
import type { SafetyReport } from './types.js'

export interface Checkers {
  /** Looks at prompt and negative prompt before the model does: with negative guidance they change places. */
  readonly promptChecker?: PromptChecker
  /** Looks at the picture to start from, and at every painted picture. */
  readonly imageChecker?: ImageChecker
}

/** Anything but 'allow' blocks. */
export const allowed = (verdict: Verdict | 'none'): boolean => verdict === 'none' || verdict.decision === 'allow'

export async function checkText(
  { promptChecker }: Checkers,
  text: string,
  signal: AbortSignal | undefined,
): Promise<Verdict | 'none'> {
  if (!promptChecker) return 'none'
  return verdictOf(promptChecker.name, () => promptChecker.check(text, signal ? { signal } : {}), signal)
}

export async function checkPicture(
  { imageChecker }: Checkers,
  image: Image,
  signal: AbortSignal | undefined,
): Promise<Verdict | 'none'> {
  if (!imageChecker) return 'none'
  return verdictOf(imageChecker.name, () => imageChecker.check(image, signal ? { signal } : {}), signal)
}

/** Checks all that a request brings along, up to the first thing that is not allowed. */
export async function checkRequest(
  checkers: Checkers,
  { prompt, negativePrompt, image }: { prompt: string; negativePrompt: string; image?: Image | undefined },
  signal: AbortSignal | undefined,
): Promise<{ readonly safety: SafetyReport; readonly blocked: boolean }> {
  const report: { -readonly [K in keyof SafetyReport]: SafetyReport[K] } = {
    prompt: 'none',
    negativePrompt: 'none',
    image: 'none',
    painted: checkers.imageChecker?.name ?? 'none',
  }
  const blocked = async () => {
    report.prompt = await checkText(checkers, prompt, signal)
    if (!allowed(report.prompt)) return true
    if (negativePrompt !== '') report.negativePrompt = await checkText(checkers, negativePrompt, signal)
    if (!allowed(report.negativePrompt)) return true
    if (image) report.image = await checkPicture(checkers, image, signal)
    return !allowed(report.image)
  }
  return { blocked: await blocked(), safety: report }
}
