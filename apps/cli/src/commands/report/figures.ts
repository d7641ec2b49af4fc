import type { ReportMessages } from '../../messages/report-types.js'
import { formatBytes } from '../../terminal/format.js'
import type { ConvertedCard, ReportCard } from './card.js'

/** A figure of the original, where it has one, and of every converted model; '' where it was not measured. */
export interface Row {
  readonly label: string
  readonly original: string
  readonly cells: readonly string[]
}

/** A share in per cent, with as many digits as tell it apart from none and from all. */
export function percent(share: number): string {
  const value = share * 100
  if (value === 0 || value === 100) return `${value} %`
  const rest = Math.min(Math.abs(value), value < 100 ? Math.max(100 - value, 1e-9) : Number.POSITIVE_INFINITY)
  const digits = rest >= 10 ? 1 : Math.min(4, 1 - Math.floor(Math.log10(rest)))
  return `${value.toFixed(digits)} %`
}

/** Three significant digits; very small numbers in powers of ten. */
export function small(value: number): string {
  if (value === 0) return '0'
  return Math.abs(value) < 1e-4 ? value.toExponential(1) : String(Number(value.toPrecision(3)))
}

/** A cosine near 1: digits up to the first two that are not 9. */
export function cosine(value: number): string {
  const off = 1 - value
  return value.toFixed(off > 0 ? Math.min(9, Math.max(3, 1 - Math.floor(Math.log10(off)))) : 3)
}

/** The rows of the summary that have anything in them. */
export function summaryRows({ source, converted }: ReportCard, { rows: names, otherSeeds }: ReportMessages): Row[] {
  const row = (label: string, of: (card: ConvertedCard) => string | undefined, original = ''): Row => ({
    ...{ label, original },
    cells: converted.map(card => of(card) ?? ''),
  })
  const asked = converted.find(({ answers }) => answers)?.answers
  const expected = asked !== undefined && asked.expected.source > 0
  const read = converted.find(({ logits }) => logits)?.logits
  const painted = converted.find(({ paintings }) => paintings)?.paintings
  const of = (part: number, all: number) => `${part}/${all} (${percent(part / all)})`
  const rows = [
    row(
      names.size,
      ({ bytes }) => `${formatBytes(bytes)} (${percent(bytes / source.bytes)})`,
      formatBytes(source.bytes),
    ),
    row(names.bits, ({ weights: { all } }) => all?.bits.toFixed(2)),
    row(names.weightError, ({ weights: { all } }) => all && percent(all.relative)),
    row(names.largestWeight, ({ weights: { all } }) => all && percent(all.largest)),
    row(names.cosine, ({ weights: { all } }) => all && cosine(all.cosine)),
    row(names.lastLayer, ({ layers }) => layers && percent(layers.layers.at(-1)!.relative)),
    row(names.kl, ({ logits }) => logits && small(logits.kl.mean)),
    row(names.kl95, ({ logits }) => logits && small(logits.kl.p95)),
    row(names.top1, ({ logits }) => logits && percent(logits.top1)),
    row(names.sameGreedy, ({ logits }) => logits && percent(logits.sameAnswers)),
    row(
      names.perplexity,
      ({ logits }) => logits && `${logits.perplexity.converted.toFixed(4)} (× ${logits.perplexity.ratio.toFixed(4)})`,
      read?.perplexity.source.toFixed(4),
    ),
    row(names.same, ({ answers }) => answers && of(answers.same, answers.asked)),
    row(names.similarity, ({ answers }) => answers && percent(answers.similarity)),
    row(
      names.expected,
      ({ answers }) => (answers && expected ? of(answers.expected.converted, answers.asked) : undefined),
      asked && expected ? of(asked.expected.source, asked.asked) : '',
    ),
    row(
      names.distance,
      ({ paintings }) => paintings && small(paintings.distance),
      painted && `${small(painted.otherSeeds)} (${otherSeeds})`,
    ),
    row(names.psnr, ({ paintings }) => paintings && decibels(paintings.psnr)),
  ]
  return rows.filter(({ cells }) => cells.some(cell => cell !== ''))
}

export const decibels = (value: number | null): string => (value === null ? '∞' : `${value.toFixed(1)} dB`)

/** What the rows mean, and what was not measured. */
export function notes(
  card: ReportCard,
  { notes: text, parts, reasons, skipped, sourceDiffers }: ReportMessages,
): string[] {
  const { layers, logits, answers, paintings } = Object.assign({}, ...[...card.converted].reverse()) as ConvertedCard
  const missing = card.converted.flatMap(one =>
    one.skipped.flatMap(({ part, reason }) => (reason === 'kind' ? [] : [skipped(parts[part], reasons[reason])])),
  )
  return [
    ...card.converted.flatMap(one => (one.sourceDiffers ? [sourceDiffers(one.name)] : [])),
    text.weights,
    ...(layers ? [text.layers(layers.prompts, layers.tokens)] : []),
    ...(logits ? [text.logits(logits.tokens)] : []),
    ...(logits?.answersOf === 'converted' ? [text.answersOfConverted] : []),
    ...(answers ? [text.answers(answers.asked)] : []),
    ...(paintings ? [text.paintings(paintings.pictures)] : []),
    ...new Set(missing),
  ]
}
