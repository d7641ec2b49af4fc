import { FileFormatError } from '@viscpm/core'
import { type AnswerRecord, parseAnswer } from '../../chat/answers.js'
import { keyed, parseJsonLines } from '../../chat/json-text.js'
import { readText } from './read-text.js'

/**
 * Reads answers that this or another system wrote: a JSON object a line with `question_id` and `text`; a first line with
 * settings may stand before them.
 * @throws FileNotFoundError; FileFormatError naming the line, or when there are none, or one question has two
 */
export async function readAnswers(
  file: string,
): Promise<{ readonly answers: readonly AnswerRecord[]; readonly settings?: unknown; readonly sha256: string }> {
  const { text, sha256 } = await readText(file)
  const lines = parseJsonLines(text, file, json => {
    const { settings, question_id } = (json ?? {}) as { settings?: unknown; question_id?: unknown }
    return settings !== undefined && question_id === undefined ? { settings } : parseAnswer(json)
  })
  const answers = lines.flatMap(line => ('question_id' in line ? [line] : []))
  if (answers.length === 0) throw new FileFormatError({ file, message: 'holds no answer' })
  keyed(answers, file, ({ question_id }) => String(question_id))
  const [first] = lines
  const settings = first && 'settings' in first ? first.settings : undefined
  return { answers, sha256, ...(settings !== undefined && { settings }) }
}
