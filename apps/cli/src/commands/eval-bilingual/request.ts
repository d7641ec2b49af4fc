import type { MemoryOption } from '@viscpm/core/cost'
import type { BilingualPart, PairSet } from '@viscpm/eval'
import type { GlobalOptions } from '../../context.js'
import { UsageError } from '../../failures.js'
import type { Messages } from '../../messages/index.js'
import type { DeviceOptions } from '../../options/device.js'
import type { SafetyOptions } from '../../options/safety.js'

export interface EvalBilingualOptions extends GlobalOptions, DeviceOptions, SafetyOptions {
  readonly only?: readonly BilingualPart[]
  readonly pairs?: string
  readonly lexicon?: string
  readonly limit?: number
  readonly chatModel: string
  readonly chatVocab?: string
  readonly chatConfig?: string
  readonly paintModel: string
  readonly paintVocab?: string
  readonly paintConfig?: string
  readonly eyes: string
  readonly seeds: readonly bigint[]
  readonly steps: number
  readonly maxNewTokens: number
  readonly memory?: MemoryOption
  readonly threads?: number
  readonly keepHalf?: boolean
  readonly work?: string
  readonly json?: string
  readonly html?: string
  readonly svg?: string
}

/** Fewest pairs that each part can be measured with. */
const fewest = { pictures: 2, answers: 2, verdicts: 1, layers: 4 } as const

/** How many pairs a set has for a part. */
function pairsFor({ prompts, questions, texts }: PairSet, part: BilingualPart): number {
  if (part === 'pictures') return prompts.length
  if (part === 'answers') return questions.length
  if (part === 'verdicts') return prompts.length + questions.length + texts.length
  return Math.max(prompts.length, questions.length)
}

/**
 * The parts to measure: those asked for, else all that the set has enough pairs for.
 * @throws UsageError when one that was asked for has too few, or none is left
 */
export function partsOf(
  set: PairSet,
  all: readonly BilingualPart[],
  only: readonly BilingualPart[] | undefined,
  t: Messages,
): BilingualPart[] {
  const { bilingual } = t.eval
  const able = all.filter(part => pairsFor(set, part) >= fewest[part])
  const unable = (only ?? []).find(part => !able.includes(part))
  if (unable !== undefined) throw new UsageError(bilingual.tooFew(bilingual.parts[unable], fewest[unable]))
  if (able.length === 0) throw new UsageError(bilingual.tooFew(bilingual.parts.verdicts, fewest.verdicts))
  return able.filter(part => only === undefined || only.includes(part))
}

/** At most so many pairs of every kind, spread over the file. */
export function limited(set: PairSet, limit: number | undefined): PairSet {
  if (limit === undefined) return set
  return {
    prompts: spread(set.prompts, limit),
    questions: spread(set.questions, limit),
    texts: spread(set.texts, limit),
  }
}

/** So many of the items, spread over all of them. */
function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (count >= items.length) return items
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!)
}
