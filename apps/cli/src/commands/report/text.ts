import type { Context } from '../../context.js'
import { colorsFor } from '../../terminal/colors.js'
import { oneLine, oneLineKept } from '../../terminal/printable.js'
import { table } from '../../terminal/table.js'
import type { ReportCard } from './card.js'
import { notes, percent, summaryRows } from './figures.js'

/** Kinds of weights that are named, and answers that are shown, of each model. */
const named = 3

/** The report as lines for a terminal. */
export function reportLines({ io, t }: Context, card: ReportCard): string[] {
  const colors = colorsFor(io.stdout, io.env)
  const { report: text } = t
  const head = ['', text.rows.original, ...card.converted.map(({ name }) => name)]
  const rows = summaryRows(card, text).map(({ label, original, cells }) => [label, original, ...cells])
  const [first, ...rest] = table([head, ...rows])
  const worst = card.converted.flatMap(({ name, weights }) => {
    const kinds = [...weights.kinds].sort((a, b) => b.relative - a.relative).slice(0, named)
    if (kinds.length === 0) return []
    return [`${name}: ${text.worst}: ${kinds.map(kind => `${kind.name} ${percent(kind.relative)}`).join(', ')}`]
  })
  const different = card.converted.flatMap(({ name, answers }) => {
    if (!answers || answers.different.length === 0) return []
    const more = answers.different.length - named
    return [
      `${name}: ${text.different}:`,
      ...answers.different.slice(0, named).map(one => `  ${one.question}  ${one.source}  ->  ${one.converted}`),
      ...(more > 0 ? [`  ${text.more(more)}`] : []),
    ]
  })
  return [
    colors.bold(oneLine(text.title(card.source.name))),
    colors.dim(oneLine(first!)),
    ...rest.map(oneLineKept),
    ...worst.map(oneLine),
    ...different.map(oneLineKept),
    ...notes(card, text).map(note => colors.dim(oneLine(note))),
  ]
}
