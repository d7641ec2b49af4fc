import { barChart, type ChartOptions, escapeXml, lineChart, weightPlace } from '@viscpm/core/report'
import { htmlPage, htmlTable as table } from '../../html/page.js'
import type { Lang } from '../../locale.js'
import type { ChartMessages, ReportMessages } from '../../messages/report-types.js'
import type { ConvertedCard, GroupCard, ReportCard } from './card.js'
import { cosine, decibels, notes, percent, small, summaryRows } from './figures.js'

/** The report as one HTML file: no scripts, nothing from elsewhere, every text of a checkpoint escaped. */
export function reportPage(card: ReportCard, text: ReportMessages, lang: Lang): string {
  const sections = [
    `<h1>${escapeXml(text.title(card.source.name))}</h1>`,
    table(
      ['', text.rows.original, ...card.converted.map(headOf)],
      summaryRows(card, text).map(({ label, original, cells }) => [label, original, ...cells]),
    ),
    `<ul class="notes">${notes(card, text)
      .map(note => `<li>${escapeXml(note)}</li>`)
      .join('')}</ul>`,
    ...charts(card, text),
    ...card.converted.flatMap(one => differences(one, text)),
    ...card.converted.flatMap(one => pictures(one, text)),
    ...card.converted.flatMap(one => groups(one, text)),
  ]
  return htmlPage(text.title(card.source.name), lang, sections)
}

function headOf({ name, options }: ConvertedCard): string {
  if (!options || options.dtype === 'fp16') return name
  return `${name} (${options.dtype}/${options.blockSize}, ${options.rounding})`
}

function charts({ converted }: ReportCard, text: ReportMessages): string[] {
  const series = (of: (card: ConvertedCard) => readonly (number | undefined)[]) =>
    converted.map(card => ({ name: card.name, values: of(card) }))
  const options = (id: string, { title, description, x, y }: ChartMessages, suffix = '') => ({
    ...{ id, title: title + suffix, description, xLabel: x, yLabel: y },
  })
  const networks = new Set(converted.flatMap(({ weights }) => weights.layers.map(networkOf)))
  const weights = [...networks].map((network, i) => {
    const names = new Set(
      converted.flatMap(({ weights }) =>
        weights.layers.filter(layer => networkOf(layer) === network).map(({ name }) => name),
      ),
    )
    const errorOf = (card: ConvertedCard, name: string) =>
      card.weights.layers.find(layer => layer.name === name)?.relative
    return barChart({
      ...options(`weights-${i}`, text.charts.weights, `: ${network}`),
      categories: shortened([...names]),
      series: series(card => [...names].map(name => errorOf(card, name))),
      format: percent,
    })
  })
  const measured = Math.max(0, ...converted.map(({ layers }) => layers?.layers.length ?? 0))
  const places = Math.max(0, ...converted.map(({ logits }) => logits?.places.length ?? 0))
  const along = (id: 'kl' | 'largest'): Omit<ChartOptions, 'format'> => ({
    ...options(id, text.charts[id]),
    categories: counted(places),
    series: series(({ logits }) => logits?.places.map(place => place[id]) ?? []),
  })
  const all = [
    ...(measured > 0
      ? [
          lineChart({
            ...options('layers', text.charts.layers),
            categories: counted(measured),
            series: series(({ layers }) => layers?.layers.map(({ relative }) => relative) ?? []),
            format: percent,
            logarithmic: true,
          }),
        ]
      : []),
    ...(places > 0
      ? [
          lineChart({ ...along('kl'), format: small, logarithmic: true }),
          lineChart({ ...along('largest'), format: small }),
        ]
      : []),
    ...weights,
  ]
  return all.map(chart => {
    const title = /<title [^>]*>([^<]*)<\/title>/.exec(chart)![1]! // escaped already
    return `<h2>${title}</h2>\n<figure>\n${chart}\n</figure>`
  })
}

const counted = (length: number): string[] => Array.from({ length }, (_, i) => String(i + 1))

/** The network that a layer's name begins with. */
const networkOf = ({ name }: GroupCard): string => weightPlace(name.split(' ')[0]!).network

/** Names of layers without what all of them begin with. */
function shortened(names: readonly string[]): string[] {
  const parts = names.map(name => name.split(/[. ]/))
  const shared = parts[0]?.findIndex((part, i) => parts.some(other => other[i] !== part || other.length === i + 1)) ?? 0
  return parts.map(part => part.slice(Math.max(0, shared)).join('.'))
}

function differences({ name, answers }: ConvertedCard, text: ReportMessages): string[] {
  if (!answers || answers.different.length === 0) return []
  const rows = answers.different.map(({ question, source, converted }) => [question, source, converted])
  const head = [text.columns.question, text.columns.original, name]
  return [`<h2>${escapeXml(`${text.different}: ${name}`)}</h2>`, table(head, rows)]
}

function pictures({ name, paintings }: ConvertedCard, text: ReportMessages): string[] {
  if (!paintings) return []
  const rows = paintings.each.map(({ prompt, seed, distance, psnr }) => [
    prompt,
    String(seed),
    small(distance),
    decibels(psnr),
  ])
  const head = [text.columns.prompt, text.columns.seed, text.rows.distance, text.rows.psnr]
  return [`<h2>${escapeXml(`${text.parts.paintings}: ${name}`)}</h2>`, table(head, rows)]
}

function groups({ name, weights }: ConvertedCard, text: ReportMessages): string[] {
  const { columns } = text
  const measures = (one: { bits: number; relative: number; largest: number; cosine: number }) => [
    ...[one.bits.toFixed(2), percent(one.relative), percent(one.largest), cosine(one.cosine)],
  ]
  const head = [
    columns.name,
    columns.format,
    columns.tensors,
    columns.bits,
    columns.relative,
    columns.largest,
    columns.cosine,
  ]
  const kinds = weights.kinds.map(kind => [kind.name, kind.formats.join(', '), String(kind.tensors), ...measures(kind)])
  const tensors = weights.tensors.map(one => [one.key, one.format, ...measures(one)])
  return [
    `<h2>${escapeXml(`${text.kinds}: ${name}`)}</h2>`,
    table(head, kinds),
    `<details><summary>${escapeXml(`${text.tensors}: ${name}`)}</summary>`,
    table([...head.slice(0, 2), ...head.slice(3)], tensors),
    '</details>',
  ]
}
