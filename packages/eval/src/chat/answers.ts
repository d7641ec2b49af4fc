import type { TaskOptions } from '@viscpm/core'
import { type Fields, fieldsOf, textField } from './json-text.js'
import { type ChatQuestion, questionIdOf } from './question.js'
import type { ResultLines } from './result-lines.js'

/** An answer as a line of a file: the fields of LLaVA's `model_vqa`, and what else is known of ours. */
export interface AnswerRecord {
  readonly question_id: string | number
  readonly text: string
  /** The question. */
  readonly prompt?: string
  readonly model_id?: string
  /** 'length': cut off; 'blocked': a safety checker stopped it, `text` is what it was before. */
  readonly finish_reason?: 'stop' | 'length' | 'blocked'
  readonly completion_tokens?: number
  readonly milliseconds?: number
}

/** Reads a line of answers, of this or another system. @throws Error when question_id or text are missing */
export function parseAnswer(json: unknown): AnswerRecord {
  const fields = fieldsOf(json)
  return { ...(fields as Fields & object), question_id: questionIdOf(json), text: textField(fields, 'text') }
}

export interface AnswerQuestionsOptions extends TaskOptions {
  readonly lines: ResultLines<AnswerRecord>
  /** Answers one question, in a talk that has no other. */
  readonly ask: (question: ChatQuestion, signal?: AbortSignal) => Promise<Omit<AnswerRecord, 'question_id' | 'prompt'>>
}

/**
 * Answers questions one after the other, those of earlier runs excepted; each answer is kept before the next is begun.
 * Progress: phase 'answers', in questions of all.
 * @returns an answer to every question, in their order
 * @throws what `ask` throws; the signal's reason
 */
export async function answerQuestions(
  questions: readonly ChatQuestion[],
  { lines, ask, signal, onProgress }: AnswerQuestionsOptions,
): Promise<readonly AnswerRecord[]> {
  const known = new Map(lines.found.map(answer => [String(answer.question_id), answer]))
  const answers: AnswerRecord[] = []
  for (const question of questions) {
    const { questionId, text } = question
    onProgress?.({ phase: 'answers', done: answers.length, total: questions.length })
    const before = known.get(String(questionId))
    if (before) {
      answers.push(before)
      continue
    }
    signal?.throwIfAborted()
    const answer = { question_id: questionId, prompt: text, ...(await ask(question, signal)) }
    await lines.append(answer)
    answers.push(answer)
  }
  onProgress?.({ phase: 'answers', done: answers.length, total: questions.length })
  return answers
}
