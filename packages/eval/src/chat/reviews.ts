import { InvalidArgumentError, sha256, type TaskOptions } from '@viscpm/core'
import { fieldsOf, textField } from './json-text.js'
import type { Judge } from './judge.js'
import { judgePrompt, judgeSystemMessage } from './prompt.js'
import { type ChatCategory, chatCategories, questionIdOf } from './question.js'
import type { ResultLines } from './result-lines.js'
import { parseScores } from './scores.js'
import type { ChatTestItem } from './test-set.js'

/** Where the candidate's answer stands. The original shows it second, after the reference. */
export const reviewOrders = ['candidate-second', 'candidate-first'] as const
export type ReviewOrder = (typeof reviewOrders)[number]

/** What a judge said, as a line of a file; fields are LLaVA's where it has them. */
export interface ReviewRecord {
  readonly question_id: string | number
  readonly category: ChatCategory
  readonly order: ReviewOrder
  /** SHA-256 of what the judge read. */
  readonly prompt_sha256: string
  /** The reply, word for word. */
  readonly content: string
  /** Scores in the order of the answers shown; null where the reply gives none. */
  readonly tuple: readonly [number, number] | null
  /** How often this was asked until a reply gave scores, or was given up. */
  readonly asked: number
  /** Which model the endpoint says that it was. */
  readonly model?: string
}

/** @throws Error naming the field that is not as it should be */
export function parseReview(json: unknown): ReviewRecord {
  const fields = fieldsOf(json)
  const category = chatCategories.find(known => known === fields.category)
  const order = reviewOrders.find(known => known === fields.order)
  const { tuple, asked, model } = fields
  if (!category) throw new Error("'category' is unknown")
  if (!order) throw new Error("'order' is unknown")
  if (typeof asked !== 'number') throw new Error("'asked' is no number")
  if (tuple !== null && !(Array.isArray(tuple) && tuple.length === 2 && tuple.every(Number.isFinite)))
    throw new Error("'tuple' is not two numbers")
  return {
    ...{ question_id: questionIdOf(json), category, order, asked },
    prompt_sha256: textField(fields, 'prompt_sha256'),
    content: textField(fields, 'content'),
    tuple: tuple as [number, number] | null,
    ...(typeof model === 'string' && { model }),
  }
}

export interface JudgeAnswersOptions extends TaskOptions {
  readonly judge: Judge
  readonly lines: ResultLines<ReviewRecord>
  /** Default both. */
  readonly orders?: readonly ReviewOrder[]
  /** How many requests wait at a time. Default 4. */
  readonly concurrency?: number
  /** How often the same is asked at most until a reply gives scores. Default 3. */
  readonly asks?: number
}

/**
 * Has answers judged against the references. What an earlier run has a reply to, parsable or not, is not asked again.
 * Progress: phase 'judge', in reviews of all.
 * @param answers by question number
 * @returns a review of every answer in every order
 * @throws InvalidArgumentError when an answer is missing; RemoteError when the judge gives no reply; the signal's reason
 */
export async function judgeAnswers(
  items: readonly ChatTestItem[],
  answers: ReadonlyMap<string, string>,
  { judge, lines, orders = reviewOrders, concurrency = 4, asks = 3, signal, onProgress }: JudgeAnswersOptions,
): Promise<readonly ReviewRecord[]> {
  const missing = items.filter(({ question }) => !answers.has(String(question.questionId)))
  if (missing.length > 0)
    throw new InvalidArgumentError({
      argument: 'answers',
      message: `none to question ${missing.map(({ question }) => question.questionId).join(', ')}`,
      hint: 'Every question must be answered before any is judged.',
    })
  const known = new Map(lines.found.map(review => [keyOf(review), review]))
  const tasks = items.flatMap(item => orders.map(order => ({ item, order })))
  const reviews = new Array<ReviewRecord>(tasks.length)
  const failed = new AbortController()
  const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal
  let [next, done, kept] = [0, 0, Promise.resolve()]
  const work = async (): Promise<void> => {
    while (next < tasks.length) {
      stop.throwIfAborted()
      const at = next++
      const { item, order } = tasks[at]!
      const asking = await requestOf(item, answers.get(String(item.question.questionId))!, order)
      const before = known.get(keyOf(asking.review))
      const review = before ?? { ...asking.review, ...(await reply(judge, asking.request, asks, stop)) }
      if (!before) {
        // One after the other: lines must not run into each other.
        kept = kept.then(() => lines.append(review))
        await kept
      }
      reviews[at] = review
      onProgress?.({ phase: 'judge', done: ++done, total: tasks.length })
    }
  }
  onProgress?.({ phase: 'judge', done: 0, total: tasks.length })
  const workers = Array.from({ length: Math.min(concurrency, tasks.length) }, () =>
    work().catch(error => {
      failed.abort(error)
      throw error
    }),
  )
  await Promise.allSettled(workers)
  signal?.throwIfAborted()
  failed.signal.throwIfAborted()
  return reviews
}

const keyOf = ({ question_id, order, prompt_sha256 }: Pick<ReviewRecord, 'question_id' | 'order' | 'prompt_sha256'>) =>
  `${question_id} ${order} ${prompt_sha256}`

async function requestOf(item: ChatTestItem, candidate: string, order: ReviewOrder) {
  const { reference, question } = item
  const answers = (order === 'candidate-first' ? [candidate, reference] : [reference, candidate]) as [string, string]
  const prompt = judgePrompt(item, answers)
  const { questionId, category } = question
  return {
    review: { question_id: questionId, category, order, prompt_sha256: await sha256(prompt) },
    request: { system: judgeSystemMessage, prompt, reference, answers },
  }
}

async function reply(judge: Judge, request: Parameters<Judge['review']>[0], asks: number, signal: AbortSignal) {
  for (let asked = 1; ; asked++) {
    const { text: content, model } = await judge.review(request, { signal })
    const tuple = parseScores(content) ?? null
    if (tuple || asked >= asks) return { content, tuple, asked, ...(model !== undefined && { model }) }
  }
}
