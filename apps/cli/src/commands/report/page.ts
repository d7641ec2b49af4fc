import { barChart, type ChartOptions, chartStyle, escapeXml, lineChart, weightPlace } from '@viscpm/core/report'
import type { Lang } from '../../locale.js'
import type { ChartMessages, ReportMessages } from '../../messages/report-types.js'
import type { ConvertedCard, GroupCard, ReportCard } from './card.js'
import { cosine, decibels, notes, percent, small, summaryRows } from './figures.js'

const style = `:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328;background:#fff}
table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums;display:block;overflow-x:auto}
th,td{padding:.25rem .75rem .25rem 0;text-align:left;border-bottom:1px solid #d0d7de;vertical-align:top}
tbody th{font-weight:normal}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}.notes{color:#57606a;font-size:.9em}
@media (prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#3a424c}.notes{color:#9ba5b0}}
${chartStyle}`

/** The report as one HTML file: no scripts, nothing from elsewhere, every text of a checkpoint escaped. */
export function reportPage(card: ReportCard, text: ReportMessages, lang: Lang): string {
  const title = escapeXml(text.title(card.source.name))
  const sections = [
    `<h1>${title}</h1>`,
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
  return `<!doctype html>
<html lang="${lang === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>
${style}
</style>
</head>
<body>
<main>
${sections.join('\n')}
</main>
</body>
</html>
`
}

function headOf({ name, options }: ConvertedCard): string {
  if (!options || options.dtype === 'fp16') return name
  return `${name} (${options.dtype}/${options.blockSize}, ${options.rounding})`
}

/** The first cell of a row names it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (name: string, scope: string) => (text: string) => `<${name}${scope}>${escapeXml(text)}</${name}>`
  const [column, row, data] = [cell('th', ' scope="col"'), cell('th', ' scope="row"'), cell('td', '')]
  const body = rows.map(([first = '', ...rest]) => `<tr>${row(first)}${rest.map(data).join('')}</tr>`)
  return `<table><thead><tr>${head.map(column).join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`
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
