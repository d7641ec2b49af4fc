import { type AnswerDifference, compareAnswers, type Estimate } from '@viscpm/eval'
import { readAnswers } from '@viscpm/eval/node'
import type { Context } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { colorsFor } from '../../terminal/colors.js'
import { oneLine } from '../../terminal/printable.js'
import { markdownTable, table } from '../../terminal/table.js'
import type { EvalChatOptions } from './options.js'

const shown = 5
/** Characters of an answer that are shown from where it differs. */
const excerpt = 60

/** `viscpm eval chat --answers A --against B`. @returns the exit code */
export async function compareFiles({ io, t }: Context, options: EvalChatOptions): Promise<number> {
  const [a, b] = [options.answers!, options.against!]
  const [first, second] = [await readAnswers(a), await readAnswers(b)]
  const agreement = compareAnswers(first.answers, second.answers)
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ first: a, second: b, ...agreement })}\n`)
    return exitCodes.ok
  }
  const text = t.eval.chat.agreement
  const { bold, dim } = colorsFor(io.stdout, io.env)
  const title = oneLine(text.title(a, b))
  const rows = [
    [text.compared, String(agreement.compared)],
    [text.identical, percent(agreement.identical)],
    [text.similarity, percent(agreement.similarity)],
  ]
  const { onlyFirst, onlySecond, different } = agreement
  const lines = [
    ...(options.markdown ? [`### ${title}`, '', ...markdownTable([['', ''], ...rows])] : [bold(title), ...table(rows)]),
    ...(onlyFirst.length + onlySecond.length > 0 ? [dim(text.onlyOne(onlyFirst.length, onlySecond.length))] : []),
    ...different
      .slice(0, shown)
      .flatMap(one => [
        oneLine(text.difference(String(one.question_id), one.at + 1)),
        ...both(one).map(part => `  ${oneLine(part)}`),
      ]),
    ...(different.length > shown ? [dim(text.more(different.length - shown))] : []),
  ]
  io.stdout.write(`${lines.join('\n')}\n`)
  return exitCodes.ok
}

const both = ({ first, second, at }: AnswerDifference): string[] =>
  [first, second].map(text => [...text].slice(at, at + excerpt).join('') || '∅')

function percent({ value, low, high }: Estimate): string {
  const [share, from, to] = [value, low, high].map(one => (100 * one).toFixed(1))
  return Number.isFinite(low) ? `${share} % [${from}, ${to}]` : `${share} %`
}
