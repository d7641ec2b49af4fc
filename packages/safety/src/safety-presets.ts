import { type ImageChecker, InvalidArgumentError, type Logger, type PromptChecker } from '@viscpm/core'
import { offPolicy, strictPolicy, upstreamPolicy } from './policy/index.js'
import { Safety, type SafetyOptions } from './safety.js'
import { WordListChecker } from './words/index.js'

/** A preset's options: the policy is the preset's. */
export type PresetOptions = Omit<SafetyOptions, 'policy'>

/** With the embedded word list where no checkers of texts are given; pictures have no checker unless one is given. */
function withWords(options: PresetOptions): PresetOptions {
  return { ...options, prompt: options.prompt ?? [new WordListChecker()] }
}

/** The default of chat and paint: see `strictPolicy`. */
export function strictSafety(options: PresetOptions = {}): Safety {
  return new Safety({ ...withWords(options), policy: strictPolicy })
}

/** What the original does: see `upstreamPolicy`. */
export function upstreamSafety(options: PresetOptions = {}): Safety {
  return new Safety({ ...withWords(options), policy: upstreamPolicy })
}

const told = new WeakSet<object>()

/** Checks nothing, and says so once to each logger; default the console. */
export function noSafety({ logger = console }: { readonly logger?: Pick<Logger, 'warn'> } = {}): Safety {
  if (!told.has(logger)) {
    told.add(logger)
    logger.warn('safety is off: neither texts nor pictures are checked')
  }
  return new Safety({ policy: offPolicy })
}

/** How a pipeline takes its safety. */
export interface SafetyParts {
  /** What pictures and texts pass. Default: `strictSafety()`. */
  readonly safety?: Safety
  /** Instead of `safety`: strict, with this checker of texts in place of the word list. */
  readonly promptChecker?: PromptChecker
  /** Instead of `safety`: strict, with this checker of pictures. */
  readonly imageChecker?: ImageChecker
}

/** @throws InvalidArgumentError for what is no Safety, and when checkers are given both ways */
export function safetyOf({ safety, promptChecker, imageChecker }: SafetyParts): Safety {
  if (safety === undefined)
    return strictSafety({
      ...(promptChecker && { prompt: [promptChecker] }),
      ...(imageChecker && { image: [imageChecker] }),
    })
  for (const [argument, checker] of Object.entries({ promptChecker, imageChecker }))
    if (checker)
      throw new InvalidArgumentError({
        argument,
        message: 'cannot be given together with safety',
        hint: `Give it to safety: strictSafety({ ${argument === 'imageChecker' ? 'image' : 'prompt'}: [checker] }).`,
      })
  if (typeof safety?.checkText !== 'function' || typeof safety.checkImage !== 'function')
    throw new InvalidArgumentError({ argument: 'safety', message: 'must be a Safety', hint: 'e.g. strictSafety()' })
  return safety
}
