import type { ChatAnswer, DecodingOptions } from '@viscpm/chat'
import type { Context } from '../../context.js'
import type { Talk } from '../../models.js'
import { asOptionError } from '../../options/decoding.js'
import { flaggedLines } from '../../safety/flagged.js'
import { colorsFor } from '../../terminal/colors.js'
import { formatSeconds } from '../../terminal/format.js'
import { printable } from '../../terminal/printable.js'
import type { ProgressView } from '../../terminal/progress.js'

export interface AnswerView {
  /** The answer as it grows, or all at once. */
  readonly stream: boolean
  /** Only the object at the end, unless streaming was asked for. */
  readonly json: boolean
  readonly verbose: boolean
}

export interface AskedQuestion {
  readonly talk: Talk
  readonly question: string
  readonly decoding: DecodingOptions
  readonly signal: AbortSignal
}

/** The object of `--json`. */
export function answerObject(model: string, question: string, answer: ChatAnswer): Record<string, unknown> {
  const { text, language, finishReason, usage, timings, safety, droppedTurns } = answer
  return { model, question, text, language, finishReason, usage, timings, safety, droppedTurns }
}

/**
 * Asks one question and writes the answer to standard output.
 * Stopped half-way, what was written gets its line break, and the abort is thrown.
 */
export async function writeAnswer(
  { io, t }: Context,
  { talk, question, decoding, signal }: AskedQuestion,
  progress: ProgressView,
  view: AnswerView,
): Promise<ChatAnswer> {
  let answer: ChatAnswer | undefined
  let written = ''
  progress.start(t.progress.thinking, { plain: false })
  try {
    for await (const part of talk.stream(question, { ...decoding, signal, onProgress: progress.update })) {
      if (part.type === 'text-end') answer = part.answer
      else if (part.type === 'text-delta' && view.stream) {
        progress.stop()
        const text = printable(part.text)
        written += text
        io.stdout.write(text)
      }
    }
  } catch (error) {
    throw asOptionError(error, t)
  } finally {
    progress.stop()
    if (written !== '' && !answer) io.stdout.write('\n')
  }
  if (!answer) throw new Error('the stream ended without an answer')
  const stopped = answer.finishReason === 'blocked'
  if (view.stream && (written !== '' || !stopped)) io.stdout.write('\n')
  else if (!view.stream && !view.json && (answer.text !== '' || !stopped))
    io.stdout.write(`${printable(answer.text)}\n`)
  writeNotes({ io, t }, answer, view)
  return answer
}

/** Remarks go to standard error: the answer alone is standard output. */
function writeNotes({ io, t }: Pick<Context, 'io' | 't'>, answer: ChatAnswer, view: AnswerView): void {
  const { dim, yellow } = colorsFor(io.stderr, io.env)
  const notes = [
    ...(answer.finishReason === 'length' ? [t.chat.cutOff] : []),
    ...(answer.droppedTurns > 0 ? [t.chat.dropped(answer.droppedTurns)] : []),
    ...(view.verbose ? [verboseNote(t, answer)] : []),
  ]
  for (const line of flaggedLines(t, answer.safety.flagged)) io.stderr.write(`${yellow(line)}\n`)
  for (const note of notes) io.stderr.write(`${dim(note)}\n`)
}

function verboseNote(t: Context['t'], { timings, usage }: ChatAnswer): string {
  return t.chat.timings(formatSeconds(timings.total), usage.promptTokens, usage.completionTokens)
}
