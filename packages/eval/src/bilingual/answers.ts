import type { TaskOptions } from '@viscpm/core'
import { mean } from '@viscpm/core/report'
import { type BootstrapOptions, bootstrap, type Estimate } from '../statistics/bootstrap.js'
import type { SameMeaning } from './lexicon/meaning.js'
import type { Language } from './pairs.js'

/** Answers to one question in both languages. */
export interface AnsweredPair {
  readonly id: string
  readonly en: string
  readonly zh: string
  /** Whether each is right; absent where the truth is not known. */
  readonly right?: Readonly<Record<Language, boolean>>
}

export interface AnswersCard {
  readonly asked: number
  /** Pairs of which the comparison can tell anything. */
  readonly compared: number
  /** Share of them that say the same. */
  readonly agreement: Estimate
  /** Mean share of what they say that both say. */
  readonly overlap: Estimate
  /** The agreement of answers to different questions. */
  readonly otherQuestions: Estimate
  /** (agreement - otherQuestions) / (1 - otherQuestions): 0 for no more than different questions have, 1 for all. */
  readonly equivalence: Estimate
  /** Where the truth is known. */
  readonly right?: RightCard
  /** Pairs that do not say the same. */
  readonly different: readonly Pick<AnsweredPair, 'id' | 'en' | 'zh'>[]
}

/** Counts of pairs whose truth is known. */
export interface RightCard {
  readonly known: number
  readonly both: number
  readonly onlyEn: number
  readonly onlyZh: number
  readonly neither: number
  /** Of those where both are wrong: how many say the same wrong thing. */
  readonly sameWrong: number
}

export interface CompareAnswersOptions extends BootstrapOptions, TaskOptions {
  /** How many other questions each answer is compared with. Default: all, which suits comparisons that cost nothing. */
  readonly others?: number
}

interface Compared extends AnsweredPair {
  readonly score: number
  /** Mean agreement with answers to other questions; NaN where none could be compared. */
  readonly other: number
}

/** Whether answers in two languages say the same, by `sameMeaning`. @throws what it throws; the signal's reason */
export async function answerEquivalence(
  pairs: readonly AnsweredPair[],
  sameMeaning: SameMeaning,
  { others = pairs.length - 1, signal, ...options }: CompareAnswersOptions = {},
): Promise<AnswersCard> {
  const task = signal ? { signal } : {}
  const between = async (a: AnsweredPair, b: AnsweredPair) =>
    sameMeaning({ text: a.en, language: 'en' }, { text: b.zh, language: 'zh' }, task)
  const compared: Compared[] = []
  for (const [i, pair] of pairs.entries()) {
    signal?.throwIfAborted()
    const score = await between(pair, pair)
    if (score === undefined) continue
    const rest: number[] = []
    for (let k = 1; k <= Math.min(others, pairs.length - 1); k++) {
      const other = await between(pair, pairs[(i + k) % pairs.length]!)
      if (other !== undefined) rest.push(other === 1 ? 1 : 0)
    }
    compared.push({ ...pair, score, other: mean(rest) })
  }
  const agreement = (items: readonly Compared[]) => mean(items.map(({ score }) => (score === 1 ? 1 : 0)))
  const other = (items: readonly Compared[]) => mean(items.map(item => item.other).filter(Number.isFinite))
  const of = (statistic: (items: readonly Compared[]) => number) => bootstrap(compared, statistic, options)
  const known = compared.filter(pair => pair.right)
  return {
    asked: pairs.length,
    compared: compared.length,
    agreement: of(agreement),
    overlap: of(items => mean(items.map(({ score }) => score))),
    otherQuestions: of(other),
    equivalence: of(items => (agreement(items) - other(items)) / (1 - other(items))),
    ...(known.length > 0 && { right: countRight(known) }),
    different: compared.filter(({ score }) => score < 1).map(({ id, en, zh }) => ({ id, en, zh })),
  }
}

function countRight(pairs: readonly Compared[]): RightCard {
  const count = (of: (right: Readonly<Record<Language, boolean>>, pair: Compared) => boolean): number =>
    pairs.filter(pair => of(pair.right!, pair)).length
  return {
    known: pairs.length,
    both: count(({ en, zh }) => en && zh),
    onlyEn: count(({ en, zh }) => en && !zh),
    onlyZh: count(({ en, zh }) => !en && zh),
    neither: count(({ en, zh }) => !en && !zh),
    sameWrong: count(({ en, zh }, { score }) => !en && !zh && score === 1),
  }
}
