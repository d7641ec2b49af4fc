import type { Report } from './report.js'
import type { Estimate } from './statistics.js'

const percent = ({ value, low, high }: Estimate, sign = ''): string => {
  const text = (v: number) => (100 * v).toFixed(1)
  return `${value > 0 ? sign : ''}${text(value)} (${text(low)} to ${text(high)})`
}

/** A row for each setting. */
export function markdownTable({ settings }: Report): string {
  const head = [
    'setting',
    'UNet work',
    'distance to DDPM 50',
    'to DPM++ 50',
    'top-5, one thing',
    'two things',
    'all prompts',
    'minus DDPM 50',
    'all right',
  ]
  const rows = settings.map(({ name, work, distance, top5, right }) => [
    name,
    work === undefined ? '' : work.toFixed(1),
    distance.reference.toFixed(3),
    distance.sameSolver.toFixed(3),
    top5 ? percent(top5.single) : '',
    top5 ? percent(top5.pairs) : '',
    top5 ? percent(top5.all) : '',
    top5 ? percent(top5.difference, '+') : '',
    right ? percent(right) : '',
  ])
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}
