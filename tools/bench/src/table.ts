import { met, type Summary } from './result.js'
import type { Spread } from './statistics.js'

const number = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
const range = ({ median, min, max }: Spread): string => `${number(median)} (${number(min)}-${number(max)})`

function goalOf(row: Summary): string {
  const reached = met(row)
  if (row.goal === undefined) return ''
  const text = row.group === 'event-loop' ? `< ${row.goal} ${row.unit}` : `>= ${row.goal}`
  return reached === undefined ? text : `${text}: ${reached ? 'met' : 'NOT met'}`
}

/** The results as a Markdown table: medians with the smallest and largest run. */
export function markdownTable(rows: readonly Summary[]): string {
  const cells = rows.map(row => [
    `${row.group}: ${row.name}`,
    `${range(row.ours)} ${row.unit}`,
    row.pytorch ? `${range(row.pytorch)} ${row.unit}` : '-',
    row.ratio ? range(row.ratio) : '-',
    row.cpuRatio ? range(row.cpuRatio) : '-',
    goalOf(row),
  ])
  const head = ['what', 'ours', 'PyTorch', 'ratio', 'ratio of CPU time', 'goal']
  const lines = [head, head.map(() => '---'), ...cells]
  return lines.map(line => `| ${line.join(' | ')} |`).join('\n')
}
