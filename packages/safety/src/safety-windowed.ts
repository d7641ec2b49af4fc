import { type Decision, isFlagged } from './safety.js'

export interface WindowOptions {
  /** Characters that are checked again with what follows them. Default 128: longer than any disguised word should be. */
  readonly overlap?: number
  /** Least characters between two checks. Default 16. */
  readonly stride?: number
  /** Characters that wait for what follows them: a word may go on harmlessly. Default 8. */
  readonly hold?: number
}

/** How a checked stream ended. */
export interface Windowed<R> {
  /** What the stream returned; absent where it was stopped. */
  readonly value?: R
  /** Of the window that stopped it, else of the last one that something was found in, else of the last; absent of no text. */
  readonly decision?: Decision
  /** Whether the stream was stopped. Nothing of the window that blocked it was passed on. */
  readonly blocked: boolean
}

const wordCharacter = /[\p{L}\p{N}\p{M}]/u
const han = /\p{Script=Han}/u
/** Latin words longer than this are cut: they are none. */
const longestWord = 48

/** The last place at or before `end` where no Latin word is cut in two. */
function boundary(text: string, end: number): number {
  const inWord = (i: number) => i >= 0 && i < text.length && wordCharacter.test(text[i]!) && !han.test(text[i]!)
  let at = end
  while (end - at < longestWord && inWord(at - 1) && inWord(at)) at--
  if (inWord(at - 1) && inWord(at)) at = end
  const lowSurrogate = (text.charCodeAt(at) & 0xfc00) === 0xdc00
  return lowSurrogate && at > 0 ? at - 1 : at
}

/**
 * Passes a stream of text on as it is checked, in overlapping windows, and stops it at the first one that is blocked. What
 * is yielded was checked with what stands before it and a little of what follows. The stream is ended in any case.
 * @throws whatever the stream or the check throws
 */
export async function* windowed<R>(
  stream: AsyncGenerator<string, R>,
  check: (text: string) => Promise<Decision>,
  { overlap = 128, stride = 16, hold = 8 }: WindowOptions = {},
): AsyncGenerator<string, Windowed<R>> {
  let text = ''
  let passed = 0
  let said: Decision | undefined
  const look = (from: number, to: number) => check(text.slice(from, to))
  try {
    for (;;) {
      const next = await stream.next()
      if (!next.done) text += next.value
      const to = next.done ? text.length : boundary(text, text.length - hold)
      if (to - passed >= (next.done ? 1 : stride)) {
        const from = boundary(text, Math.max(0, passed - overlap))
        let decision = await look(from, next.done ? to : boundary(text, text.length))
        // What follows may be half a word: only what is found without it too is there.
        if (decision.action === 'block' && !next.done) decision = await look(from, to)
        if (decision.action === 'block') return { blocked: true, decision }
        if (!said || isFlagged(decision) || !isFlagged(said)) said = decision
        yield text.slice(passed, to)
        passed = to
      }
      if (next.done) return { blocked: false, value: next.value, ...(said && { decision: said }) }
    }
  } finally {
    await stream.return(undefined as never) // ends it where it was stopped or left early; else it has ended
  }
}
