import type { BilingualCard, DistancesCard, Estimate, LayersCard, ModelLayersCard, VerdictsCard } from '@viscpm/eval'
import type { BilingualMessages } from '../../messages/eval/bilingual-types.js'
import { percent } from '../report/figures.js'

/** A table with what is to be said about it. */
export interface Section {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly notes: readonly string[]
}

/** A figure and its interval. */
export function interval(
  { value, low, high }: Estimate,
  format: (value: number) => string = v => v.toFixed(2),
): string {
  if (!Number.isFinite(value)) return '–'
  return Number.isFinite(low) ? `${format(value)} [${format(low)}, ${format(high)}]` : format(value)
}

const share = (estimate: Estimate): string => interval(estimate, value => percent(Math.round(value * 1000) / 1000))

/** The figures as tables, for a terminal and for a page. */
export function bilingualSections(card: BilingualCard, text: BilingualMessages): Section[] {
  const { pictures, answers, verdicts, layers } = card
  return [
    ...(pictures ? [picturesSection(pictures, text)] : []),
    ...(answers ? [answersSection(answers, text)] : []),
    ...(verdicts ? [verdictsSection(verdicts, text)] : []),
    ...(layers ?? []).map(model => layersSection(model, text)),
  ]
}

function picturesSection(card: NonNullable<BilingualCard['pictures']>, text: BilingualMessages): Section {
  const { columns, measures } = text
  const row = (name: string, of: DistancesCard): string[] => [
    name,
    ...[of.languages, of.otherSeed, of.otherPrompt].map(one => one.value.toFixed(3)),
    ...[of.equivalence, of.seedEquivalence].map(one => interval(one)),
    share(of.found),
  ]
  const { languages, otherSeed, otherPrompt } = card.psnr
  const decibels = (value: number | null): string => (value === null ? '∞' : value.toFixed(1))
  return {
    title: text.parts.pictures,
    head: [
      ...['', columns.languages, columns.otherSeed, columns.otherPrompt],
      ...[columns.equivalence, columns.seedEquivalence, columns.found],
    ],
    rows: [
      row(measures.pixels, card.pixels),
      row(measures.embedding, card.embedding),
      row(measures.features, card.features),
      [measures.psnr, ...[languages, otherSeed, otherPrompt].map(decibels), '', '', ''],
    ],
    notes: [
      text.notes.pictures(card.pairs, percent(card.pixels.chance)),
      ...(card.withheld.length > 0 ? [text.notes.withheld(card.withheld.length, card.withheld.join(', '))] : []),
    ],
  }
}

function answersSection(card: NonNullable<BilingualCard['answers']>, text: BilingualMessages): Section {
  const { answerRows: rows } = text
  const { right } = card
  return {
    title: text.parts.answers,
    head: ['', ''],
    rows: [
      [rows.agreement, share(card.agreement)],
      [rows.overlap, share(card.overlap)],
      [rows.otherQuestions, share(card.otherQuestions)],
      [rows.equivalence, interval(card.equivalence)],
      ...(right
        ? [
            [rows.bothRight, String(right.both)],
            [rows.onlyEn, String(right.onlyEn)],
            [rows.onlyZh, String(right.onlyZh)],
            [rows.neither, String(right.neither)],
            [rows.sameWrong, String(right.sameWrong)],
          ]
        : []),
    ],
    notes: [text.notes.answers(card.asked, card.compared)],
  }
}

function verdictsSection(card: NonNullable<BilingualCard['verdicts']>, text: BilingualMessages): Section {
  const { verdictColumns: columns } = text
  const row = (name: string, of: VerdictsCard): string[] => [
    name,
    ...[of.pairs, of.bothAllowed, of.bothFlagged, of.onlyEn, of.onlyZh].map(String),
    ...[share(of.agreement), interval(of.kappa)],
  ]
  const { texts, pictures } = card
  return {
    title: text.parts.verdicts,
    head: [
      ...['', columns.pairs, columns.bothAllowed, columns.bothFlagged],
      ...[columns.onlyEn, columns.onlyZh, columns.agreement, columns.kappa],
    ],
    rows: [row(columns.texts, texts), ...(pictures ? [row(columns.pictures, pictures)] : [])],
    notes: [
      ...(texts.different.length > 0 ? [text.notes.different(texts.different.map(({ id }) => id).join(', '))] : []),
      ...(pictures ? [] : [text.notes.noPictureChecker]),
    ],
  }
}

function layersSection({ model, mean, last }: ModelLayersCard, text: BilingualMessages): Section {
  const { layerColumns: columns } = text
  const lasts = new Map(last.layers.map(layer => [layer.layer, layer.centred]))
  return {
    title: text.layersOf(model),
    head: [
      ...[columns.layer, columns.same, columns.other, columns.centred],
      ...[columns.cka, columns.zhToEn, columns.enToZh, columns.last],
    ],
    rows: mean.layers.map(layer => [
      `${layer.layer}${layer.layer === mean.pivot.layer ? ' *' : ''}`,
      ...[layer.same, layer.other].map(one => one.value.toFixed(3)),
      ...[layer.centred, layer.cka].map(one => interval(one)),
      ...[layer.zhToEn, layer.enToZh].map(share),
      ...[lasts.get(layer.layer)].map(one => (one ? interval(one) : '')),
    ]),
    notes: [
      text.notes.layers(mean.texts, percent(mean.chance)),
      pivotNote(mean, text.pooled.mean, text),
      pivotNote(last, text.pooled.last, text),
    ],
  }
}

function pivotNote({ pivot }: LayersCard, pooled: string, text: BilingualMessages): string {
  const { layer, low, high, first, rise, fall, inside } = pivot
  const place = low === high ? String(layer) : `${layer} [${low}, ${high}]`
  const differences = text.pivot(pooled, place, first, interval(rise), interval(fall))
  return `${differences} ${inside ? text.pivotShown : text.pivotNotShown}`
}
