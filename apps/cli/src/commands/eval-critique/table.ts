import type { Comparison } from '@viscpm/eval'
import type { Messages } from '../../messages/index.js'
import type { CritiqueOptions } from './options.js'

type Estimate = Comparison['choosers'][number]['gain']

/** A comparison as a Markdown table under its heading. */
export function comparisonLines(
  { eval: { critique: t } }: Messages,
  language: 'en' | 'zh' | 'both',
  { prompts, decidable, choosers }: Comparison,
  among: CritiqueOptions['among'],
): string[] {
  const { chooser, right, gain, over, ms } = t.columns
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    among === 'same-prompt' ? t.heading(language, prompts, decidable) : t.headingDifferent(language, prompts),
    '',
    row([chooser, right, gain, over, ms]),
    row(['---', '---', '---', '---', '---']),
    ...choosers
      .filter(({ chooser: who }) => among === 'same-prompt' || !trivial.includes(who))
      .map(one =>
        row([
          t.choosers[one.chooser] ?? one.chooser,
          share(one.right),
          one.chooser === 'random' ? '–' : points(one.gain),
          one.over ? points(one.over) : '–',
          Number.isFinite(one.ms) ? one.ms.toFixed(0) : '–',
        ]),
      ),
  ]
}

/** Where the right picture's place is drawn and always there. */
const trivial = ['first', 'oracle']

const percent = (value: number): string => (Number.isFinite(value) ? (100 * value).toFixed(1) : '–')
const signed = (value: number): string => (value > 0 ? `+${percent(value)}` : percent(value))
const share = ({ value, low, high }: Estimate): string => `${percent(value)} [${percent(low)}, ${percent(high)}]`
const points = ({ value, low, high }: Estimate): string => `${signed(value)} [${signed(low)}, ${signed(high)}]`
