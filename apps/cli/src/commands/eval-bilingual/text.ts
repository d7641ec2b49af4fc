import type { BilingualCard } from '@viscpm/eval'
import type { Context } from '../../context.js'
import { colorsFor } from '../../terminal/colors.js'
import { oneLine, oneLineKept } from '../../terminal/printable.js'
import { table } from '../../terminal/table.js'
import { bilingualSections } from './sections.js'

/** Answers that are shown. */
const shown = 3

/** The figures as lines for a terminal. */
export function bilingualLines({ io, t }: Context, card: BilingualCard): string[] {
  const colors = colorsFor(io.stdout, io.env)
  const text = t.eval.bilingual
  const different = card.answers?.different ?? []
  const answers = different.slice(0, shown).map(({ id, en, zh }) => oneLineKept(`  ${id}  ${en}  |  ${zh}`))
  const more = different.length - shown
  return [
    ...bilingualSections(card, text).flatMap(({ title, head, rows, notes }) => {
      const named = head.some(cell => cell !== '')
      const lines = table(named ? [head, ...rows] : rows).map(oneLineKept)
      return [
        colors.bold(oneLine(title)),
        ...lines.map((line, i) => (named && i === 0 ? colors.dim(line) : line)),
        ...notes.map(note => colors.dim(oneLine(note))),
        '',
      ]
    }),
    ...(answers.length > 0 ? [colors.bold(text.differentAnswers), ...answers] : []),
    ...(more > 0 ? [`  ${text.more(more)}`] : []),
  ]
}
