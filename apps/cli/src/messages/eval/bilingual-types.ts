import type { BilingualPart } from '@viscpm/eval'
import type { ChartMessages } from '../report-types.js'

/** Options of `eval bilingual`. */
export type BilingualOption =
  | 'only'
  | 'pairs'
  | 'lexicon'
  | 'limit'
  | 'seeds'
  | 'steps'
  | 'maxNewTokens'
  | 'work'
  | 'json'
  | 'html'
  | 'svg'
  | 'chatModel'
  | 'chatVocab'
  | 'chatConfig'
  | 'paintModel'
  | 'paintVocab'
  | 'paintConfig'
  | 'eyes'

export interface BilingualMessages {
  readonly about: string
  readonly options: Readonly<Record<BilingualOption, string>>
  readonly examples: string
  readonly title: string
  readonly parts: Readonly<Record<BilingualPart, string>>
  measuring(part: string): string
  measured(part: string, seconds: string): string
  readonly looking: string
  readonly phases: Readonly<Record<string, string>>
  tooFew(part: string, fewest: number): string
  readonly twoSeeds: string
  written(place: string): string
  readonly columns: Readonly<
    Record<'languages' | 'otherSeed' | 'otherPrompt' | 'equivalence' | 'seedEquivalence' | 'found', string>
  >
  readonly measures: Readonly<Record<'pixels' | 'embedding' | 'features' | 'psnr', string>>
  readonly answerRows: Readonly<
    Record<
      | 'agreement'
      | 'overlap'
      | 'otherQuestions'
      | 'equivalence'
      | 'bothRight'
      | 'onlyEn'
      | 'onlyZh'
      | 'neither'
      | 'sameWrong',
      string
    >
  >
  readonly verdictColumns: Readonly<
    Record<
      'texts' | 'pictures' | 'pairs' | 'bothAllowed' | 'bothFlagged' | 'onlyEn' | 'onlyZh' | 'agreement' | 'kappa',
      string
    >
  >
  readonly layerColumns: Readonly<
    Record<'layer' | 'same' | 'other' | 'centred' | 'cka' | 'zhToEn' | 'enToZh' | 'last', string>
  >
  layersOf(model: string): string
  readonly pooled: Readonly<Record<'mean' | 'last', string>>
  pivot(pooled: string, layer: string, first: number, rise: string, fall: string): string
  readonly pivotShown: string
  readonly pivotNotShown: string
  /** What tables say, in a sentence each. */
  readonly notes: {
    pictures(pairs: number, chance: string): string
    withheld(count: number, ids: string): string
    answers(asked: number, compared: number): string
    different(ids: string): string
    readonly noPictureChecker: string
    layers(texts: number, chance: string): string
  }
  readonly charts: Readonly<Record<'pictures' | 'layers', ChartMessages>>
  readonly series: Readonly<Record<'centred' | 'centredLast' | 'cka' | 'found', string>>
  readonly differentAnswers: string
  more(count: number): string
  readonly settings: string
}
