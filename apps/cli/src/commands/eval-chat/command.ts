import { join } from 'node:path'
import { writeFileAtomic } from '@viscpm/core/node'
import {
  type AnswerRecord,
  answerQuestions,
  judgeAnswers,
  parseAnswer,
  parseReview,
  summarizeReviews,
} from '@viscpm/eval'
import { readAnswers } from '@viscpm/eval/node'
import type { Context } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { interruptible } from '../../interrupt.js'
import { ProgressView } from '../../terminal/progress.js'
import { compareFiles } from './agreement.js'
import { type OpenJudge, openJudge } from './judging.js'
import { checkOptions, type EvalChatOptions, ordersOf } from './options.js'
import { openResults } from './results.js'
import { type EvalChatSet, readSets } from './sets.js'
import { Speaker } from './speaker.js'
import { type EvalChatResult, resultLines } from './text.js'

/** Of the intervals; the same figures give the same ones. */
export const resampling = { resamples: 1000, seed: 0 } as const

/** `viscpm eval chat`. @returns the exit code */
export async function evalChat(context: Context, options: EvalChatOptions): Promise<number> {
  const { io, t } = context
  checkOptions(options, t)
  if (options.against !== undefined) return compareFiles(context, options)
  const judging = openJudge(context, options)
  const progress = new ProgressView(io, t, options.quiet === true)
  const speaker = new Speaker(context, options, progress)
  try {
    const results = await interruptible(io, async signal => {
      const sets = await readSets(options, judging !== undefined, context.services)
      const given = options.answers === undefined ? undefined : await readAnswers(options.answers)
      const done: EvalChatResult[] = []
      for (const set of sets) {
        const answers = given?.answers ?? (await answered(set, speaker, context, progress, signal))
        done.push(await judged(set, answers, judging, { context, options, progress, signal }))
      }
      return done
    })
    const sections = results.map(result => resultLines(context, result, options.markdown === true))
    if (options.json) io.stdout.write(`${JSON.stringify({ sets: results })}\n`)
    else io.stdout.write(`${sections.map(lines => lines.join('\n')).join('\n\n')}\n`)
    return exitCodes.ok
  } finally {
    progress.stop()
    await speaker.dispose()
    await judging?.close()
  }
}

async function answered(
  set: EvalChatSet,
  speaker: Speaker,
  { t }: Context,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<readonly AnswerRecord[]> {
  const text = t.eval.chat
  const settings =
    set.output === undefined
      ? {}
      : { format: 'viscpm-eval-chat-answers-1', questions: set.sha256, ...(await speaker.settings()) }
  const lines = await openResults(set.output, 'answers.jsonl', settings, parseAnswer)
  try {
    const known = new Set(lines.found.map(({ question_id }) => String(question_id)))
    const open = set.questions.filter(({ questionId }) => !known.has(String(questionId))).length
    if (open > 0) await speaker.load(signal)
    progress.start(text.answering, { phases: text.phases, counted: true })
    const answers = await answerQuestions(set.questions, {
      lines,
      ask: (question, signal) => speaker.answer(question, set.pictures.get(question.image)!, signal),
      signal,
      onProgress: progress.update,
    })
    progress.done(seconds => text.answered(open, seconds))
    return answers
  } finally {
    progress.stop()
    await lines.close()
  }
}

interface Run {
  readonly context: Context
  readonly options: EvalChatOptions
  readonly progress: ProgressView
  readonly signal: AbortSignal
}

async function judged(
  set: EvalChatSet,
  answers: readonly AnswerRecord[],
  judging: OpenJudge | undefined,
  { context, options, progress, signal }: Run,
): Promise<EvalChatResult> {
  const text = context.t.eval.chat
  const { output, language, questions } = set
  const ids = new Set(questions.map(({ questionId }) => String(questionId)))
  const own = answers.filter(({ question_id }) => ids.has(String(question_id)))
  const model = own.find(({ model_id }) => model_id !== undefined)?.model_id ?? options.answers ?? options.model
  const blocked = own.filter(answer => answer.finish_reason === 'blocked').length
  const facts = { language, model, questions: questions.length, blocked, ...(output !== undefined && { output }) }
  if (!judging || !set.items) return keep(output, facts)
  const settings = { format: 'viscpm-eval-chat-reviews-1', ...judging.judge.settings }
  const lines = await openResults(output, 'reviews.jsonl', settings, parseReview)
  try {
    progress.start(text.judging, { phases: text.phases, counted: true })
    const byQuestion = new Map(own.map(answer => [String(answer.question_id), answer.text]))
    const reviews = await judgeAnswers(set.items, byQuestion, {
      ...{ judge: judging.judge, lines, orders: ordersOf(options), signal, onProgress: progress.update },
      ...(options.judgeConcurrency !== undefined && { concurrency: options.judgeConcurrency }),
    })
    progress.done(seconds => text.judged(reviews.length, seconds))
    const summary = summarizeReviews(reviews, resampling)
    return await keep(output, { ...facts, judge: judging.judge.settings, bootstrap: resampling, ...summary })
  } finally {
    progress.stop()
    await lines.close()
  }
}

async function keep(output: string | undefined, result: EvalChatResult): Promise<EvalChatResult> {
  if (output !== undefined && 'scores' in result)
    await writeFileAtomic(join(output, 'summary.json'), `${JSON.stringify(result, null, 2)}\n`)
  return result
}
