import {
  type ChatScores,
  type ChatSummary,
  chatCategories,
  type Judge,
  publishedChatRows,
  publishedChatSource,
} from '@viscpm/eval'
import type { Context } from '../../context.js'
import { colorsFor } from '../../terminal/colors.js'
import { oneLine } from '../../terminal/printable.js'
import { markdownTable, table } from '../../terminal/table.js'

/** The object of `--json`, of one test set; scores only where somebody judged. */
export interface EvalChatResult extends Partial<ChatSummary> {
  readonly language: 'en' | 'zh'
  readonly model: string
  readonly questions: number
  /** Answers that a safety checker stopped. */
  readonly blocked: number
  /** Folder that results are kept in. */
  readonly output?: string
  readonly judge?: Judge['settings']
  readonly bootstrap?: { readonly resamples: number; readonly seed: number }
}

const columns = [...chatCategories, 'all'] as const

/** Table like the original's, its published rows below. */
export function resultLines(context: Context, result: EvalChatResult, markdown: boolean): string[] {
  const { io, t } = context
  const text = t.eval.chat
  const colors = colorsFor(io.stdout, io.env)
  const dim = (line: string): string => (markdown ? line : colors.dim(line))
  const { language, model, scores, orders = [], judge } = result
  const title = oneLine(text.title(text.languages[language], model))
  const lines = markdown ? [`### ${title}`, ''] : [colors.bold(title)]
  if (scores && judge) {
    const head = ['', ...columns.map(column => text.columns[column])]
    const counts = [text.columns.questions, ...columns.map(column => String(scores[column]?.questions ?? 0))]
    const judgedBy = text.judgedBy(judge.judge === 'chat-completions' ? String(judge.model) : text.rule)
    const rows = [
      head,
      [oneLine(model), ...cells(scores)],
      ...orders.map(({ order, scores }) => [`  ${text.orders[order]}`, ...cells(scores)]),
      counts,
    ]
    const { source, judge: publishedJudge } = publishedChatSource
    const published = publishedChatRows.flatMap(({ model, size, scores }) => {
      const own = scores[language]
      return own ? [[`${model} (${size})`, ...columns.map(column => own[column].toFixed(1))]] : []
    })
    const below = text.published(source, publishedJudge)
    lines.push(dim(oneLine(judgedBy)), ...(markdown ? ['', ...markdownTable(rows)] : table(rows)), '')
    lines.push(
      dim(below),
      ...(markdown ? ['', ...markdownTable([head, ...published])] : table([head, ...published])),
      '',
    )
  }
  return [...lines, ...notes(result, context).map(note => dim(oneLine(note)))]
}

function cells(scores: ChatScores): string[] {
  return columns.map(column => {
    const score = scores[column]
    if (!score) return '–'
    const { value, low, high } = score
    return Number.isFinite(low) ? `${value.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]` : value.toFixed(1)
  })
}

function notes(
  { scores, orders = [], judge, bootstrap, blocked, ...result }: EvalChatResult,
  { t }: Context,
): string[] {
  const { notes: text } = t.eval.chat
  const { unparsable = 0, reviews = 0, left = [], output } = result
  return [
    ...(scores ? [text.score] : [text.unjudged]),
    ...(bootstrap ? [text.intervals(bootstrap.resamples, bootstrap.seed)] : []),
    ...(orders.length > 0 ? [text.orders] : []),
    ...(judge ? [text.otherJudge(publishedChatSource.judge)] : []),
    ...(unparsable > 0 ? [text.unparsable(unparsable, reviews, left.length)] : []),
    ...(blocked > 0 ? [text.blocked(blocked)] : []),
    ...(output !== undefined ? [text.kept(output)] : []),
  ]
}
