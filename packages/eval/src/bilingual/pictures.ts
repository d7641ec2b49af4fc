import { InvalidArgumentError } from '@viscpm/core'
import { mean } from '@viscpm/core/report'
import { type BootstrapOptions, bootstrap, type Estimate } from '../statistics/bootstrap.js'

/** What was painted of one pair of prompts: a picture for every seed, or what is compared of it. */
export interface PaintedPair<P> {
  readonly id: string
  readonly en: readonly P[]
  readonly zh: readonly P[]
}

/** Distances of one pair, each a mean. */
export interface PairDistances {
  readonly id: string
  /** Between the languages, seed by seed. */
  readonly languages: number
  /** Between the seeds, in either language. */
  readonly otherSeed: number
  /** To the other language's pictures of all other prompts, seed by seed. */
  readonly otherPrompt: number
}

/** How far the language moves a picture, against two other things that move it. */
export interface DistancesCard {
  readonly languages: Estimate
  readonly otherSeed: Estimate
  readonly otherPrompt: Estimate
  /** 1 - languages / otherPrompt: 1 for the same picture, 0 for pictures as far apart as those of different prompts. */
  readonly equivalence: Estimate
  /** 1 - otherSeed / otherPrompt: the same for another seed in place of another language. */
  readonly seedEquivalence: Estimate
  /** Share of the Chinese pictures to which, of all English ones of their seed, that of their own prompt is nearest. */
  readonly found: Estimate
  /** What guessing finds: 1 / pairs. */
  readonly chance: number
  readonly each: readonly PairDistances[]
}

/**
 * Compares pictures painted from both languages with equal seeds.
 * @param distance of two pictures, 0 for equal ones
 * @throws InvalidArgumentError for fewer than two pairs, or pairs without two seeds each
 */
export function pictureEquivalence<P>(
  pairs: readonly PaintedPair<P>[],
  distance: (a: P, b: P) => number,
  options: BootstrapOptions = {},
): DistancesCard {
  const seeds = pairs[0]?.en.length ?? 0
  if (pairs.length < 2 || seeds < 2 || pairs.some(({ en, zh }) => en.length !== seeds || zh.length !== seeds))
    throw new InvalidArgumentError({
      argument: 'pairs',
      message: 'at least two prompts are compared, each painted with the same two seeds or more in both languages',
    })
  const each = pairs.map((pair, i) => measurePair(pairs, pair, i, distance))
  type Key = 'languages' | 'otherSeed' | 'otherPrompt' | 'found'
  const meanOf = (key: Key) => (items: readonly Measured[]) => mean(items.map(item => item[key]))
  const against = (key: Key) => (items: readonly Measured[]) => 1 - meanOf(key)(items) / meanOf('otherPrompt')(items)
  const of = (statistic: (items: readonly Measured[]) => number) => bootstrap(each, statistic, options)
  return {
    languages: of(meanOf('languages')),
    otherSeed: of(meanOf('otherSeed')),
    otherPrompt: of(meanOf('otherPrompt')),
    equivalence: of(against('languages')),
    seedEquivalence: of(against('otherSeed')),
    found: of(meanOf('found')),
    chance: 1 / pairs.length,
    each: each.map(({ found: _found, ...distances }) => distances),
  }
}

interface Measured extends PairDistances {
  readonly found: number
}

function measurePair<P>(
  pairs: readonly PaintedPair<P>[],
  { id, en, zh }: PaintedPair<P>,
  index: number,
  distance: (a: P, b: P) => number,
): Measured {
  const others = pairs.filter((_, j) => j !== index)
  const between: number[] = []
  const other: number[] = []
  const found: number[] = []
  for (const [s, picture] of zh.entries()) {
    const own = distance(en[s]!, picture)
    const rest = others.map(pair => distance(pair.en[s]!, picture))
    between.push(own)
    other.push(...rest)
    found.push(rest.every(one => own < one) ? 1 : 0)
  }
  const seeds = [en, zh].flatMap(painted => painted.flatMap((a, s) => painted.slice(s + 1).map(b => distance(a, b))))
  return { id, languages: mean(between), otherSeed: mean(seeds), otherPrompt: mean(other), found: mean(found) }
}
