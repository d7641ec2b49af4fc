import { mean } from '@viscpm/core/report'
import { type BootstrapOptions, bootstrap, type Estimate } from '../statistics/bootstrap.js'
import { cohenKappa, type Ratings } from './statistics/kappa.js'

/** Whether a checker objected to either side of a pair: anything but 'allow' is an objection. */
export interface JudgedPair {
  readonly id: string
  readonly en: boolean
  readonly zh: boolean
}

export interface VerdictsCard {
  readonly pairs: number
  readonly bothAllowed: number
  readonly bothFlagged: number
  readonly onlyEn: number
  readonly onlyZh: number
  readonly agreement: Estimate
  /** Cohen's; NaN where nothing, or everything, was objected to in both languages. */
  readonly kappa: Estimate
  /** Pairs whose sides were judged differently. */
  readonly different: readonly JudgedPair[]
}

/** How alike a checker judges both languages. */
export function compareVerdicts(pairs: readonly JudgedPair[], options: BootstrapOptions = {}): VerdictsCard {
  const count = (en: boolean, zh: boolean): number => pairs.filter(pair => pair.en === en && pair.zh === zh).length
  return {
    pairs: pairs.length,
    bothAllowed: count(false, false),
    bothFlagged: count(true, true),
    onlyEn: count(true, false),
    onlyZh: count(false, true),
    agreement: bootstrap(pairs, items => mean(items.map(({ en, zh }) => (en === zh ? 1 : 0))), options),
    kappa: bootstrap(pairs, items => cohenKappa(items.map(({ en, zh }): Ratings => [en, zh])), options),
    different: pairs.filter(({ en, zh }) => en !== zh),
  }
}
