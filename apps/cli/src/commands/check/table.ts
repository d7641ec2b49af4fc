import type { Verdict } from '@viscpm/core'
import type { SafetyState } from '@viscpm/safety'
import type { Context } from '../../context.js'
import type { Messages } from '../../messages/index.js'
import { checkersText } from '../../safety/coverage.js'
import { categoryText, reasonText, scoreText } from '../../safety/verdict-text.js'
import { colorsFor } from '../../terminal/colors.js'
import { displayWidth, padTo } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'
import type { Checked } from './command.js'

const inputColumns = 28
const gap = '  '

/** Cut to so many columns of a terminal, the end being shown of a path. */
function shortened(text: string, columns: number, keepEnd: boolean): string {
  if (displayWidth(text) <= columns) return text
  const characters = keepEnd ? [...text].reverse() : [...text]
  let kept = ''
  for (const character of characters) {
    if (displayWidth(kept + character) > columns - 1) break
    kept = keepEnd ? character + kept : kept + character
  }
  return keepEnd ? `…${kept}` : `${kept}…`
}

type Row = readonly string[]

/** A line for every checker that was asked, the one that decided first; a header above. */
export function checkTable({ io, t }: Context, checked: readonly Checked[], state: SafetyState): string[] {
  const { dim, red, yellow, green } = colorsFor(io.stdout, io.env)
  const { columns } = t.check
  const header = [
    columns.input,
    columns.action,
    columns.decision,
    columns.category,
    columns.score,
    columns.checker,
    columns.reason,
  ]
  const paints = { allow: green, block: red, none: yellow, other: yellow } as const
  const rows = checked.flatMap(one => rowsOf(t, one, state))
  const widths = header.map((_, i) =>
    Math.max(...[header, ...rows.map(({ cells }) => cells)].map(c => displayWidth(c[i]!))),
  )
  const line = (cells: Row, paint: (text: string) => string = text => text) =>
    cells
      .map((cell, i) => {
        const padded = i === cells.length - 1 ? cell : padTo(cell, widths[i]!)
        return i === 1 ? paint(padded) : padded
      })
      .join(gap)
      .trimEnd()
  return [dim(line(header)), ...rows.map(({ cells, action }) => line(cells, paints[action]))]
}

interface ShownRow {
  readonly cells: Row
  readonly action: 'allow' | 'block' | 'none' | 'other'
}

function rowsOf(t: Messages, { input, decision }: Checked, state: SafetyState): ShownRow[] {
  const { verdict, verdicts, action, stage } = decision
  const text = input.kind === 'text' ? oneLine(input.text) : oneLine(input.input)
  const name = shortened(text, inputColumns, input.kind === 'picture')
  if (verdict === 'none') {
    const who = checkersText(state, stage, t)
    const why = input.kind === 'picture' && who === t.safety.noChecker ? t.safety.noPictureChecker : who
    return [{ cells: [name, t.check.unchecked, '-', '-', '-', '-', why], action: 'none' }]
  }
  const others = verdicts.filter(one => one !== verdict)
  const kind = action === 'allow' || action === 'block' ? action : 'other'
  return [
    { cells: [name, t.check.actions[action], ...verdictCells(t, verdict)], action: kind },
    ...others.map(other => ({ cells: ['', '', ...verdictCells(t, other)], action: 'other' as const })),
  ]
}

function verdictCells(t: Messages, verdict: Verdict): string[] {
  return [
    t.safety.decisions[verdict.decision],
    oneLine(categoryText(t, verdict) ?? '-'),
    scoreText(verdict) || '-',
    oneLine(verdict.checker),
    verdict.decision === 'allow' && verdict.reason === undefined ? '' : oneLine(reasonText(t, verdict)),
  ]
}
