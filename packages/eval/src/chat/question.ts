import { FileFormatError } from '@viscpm/core'
import { fieldsOf, keyed, parseJsonLines, textField } from './json-text.js'

/** Kinds of questions: conversation, detailed description, complex reasoning. Names are those of the published files. */
export const chatCategories = ['conv', 'detail', 'complex'] as const
export type ChatCategory = (typeof chatCategories)[number]

/** A question about a picture. */
export interface ChatQuestion {
  readonly questionId: string | number
  /** Name of the picture's file. */
  readonly image: string
  readonly text: string
  readonly category: ChatCategory
}

/** @throws Error when it is neither a number nor a text */
export function questionIdOf(json: unknown): string | number {
  const { question_id: id } = fieldsOf(json)
  if (typeof id !== 'number' && typeof id !== 'string') throw new Error("'question_id' is neither number nor text")
  return id
}

function questionOf(json: unknown): ChatQuestion {
  const fields = fieldsOf(json)
  const category = chatCategories.find(known => known === fields.category)
  if (!category) throw new Error(`'category' is none of ${chatCategories.join(', ')}`)
  const text = textField(fields, 'text')
  if (text.trim() === '') throw new Error("'text' is empty")
  return { questionId: questionIdOf(json), image: textField(fields, 'image'), text, category }
}

/**
 * Reads questions as LLaVA publishes them (`qa90_questions.jsonl`): a line
 * `{"question_id": 0, "image": "a.jpg", "text": "...", "category": "conv"}` each.
 * @param file what errors call it
 * @throws FileFormatError naming the line; or when there are none, or one number is there twice
 */
export function parseQuestions(text: string, file: string): readonly ChatQuestion[] {
  const questions = parseJsonLines(text, file, questionOf)
  if (questions.length === 0) throw new FileFormatError({ file, message: 'holds no question' })
  keyed(questions, file, ({ questionId }) => String(questionId))
  return questions
}
