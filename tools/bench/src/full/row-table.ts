import type { Spread } from '../statistics.js'
import { type FullRow, standing } from './row.js'

export const number = (value: number): string =>
  value >= 1000 ? value.toFixed(0) : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)

function range({ median, min, max }: Spread): string {
  return min === max ? number(median) : `${number(median)} (${number(min)}-${number(max)})`
}

/** A Markdown table. */
export function table(head: readonly string[], cells: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...cells].map(line => `| ${line.join(' | ')} |`).join('\n')
}

function goalText(row: FullRow): string {
  if (!row.goal) return ''
  const { floor, aim, better } = row.goal
  const sign = better === 'higher' ? '>=' : '<='
  const limits = floor === aim ? `${sign} ${aim}` : `${sign} ${floor}, aim ${aim}`
  const reached = standing(row)
  if (reached === undefined) return `${limits}: not measured`
  return `${limits}: ${reached === 'aim' ? 'aim met' : reached === 'floor' ? 'floor met' : '**NOT met**'}`
}

/** The rows with what they should be, as a Markdown table. */
export function rowsMarkdown(rows: readonly FullRow[]): string {
  return table(
    ['what', 'ours', 'against', 'theirs', 'ratio', 'goal'],
    rows.map(row => [
      row.what,
      `${range(row.ours)} ${row.unit}`,
      row.against?.name ?? '',
      row.against?.value ? `${range(row.against.value)} ${row.against.unit}` : row.against ? 'not measured' : '',
      row.score && row.against ? range(row.score) : '',
      goalText(row),
    ]),
  )
}
