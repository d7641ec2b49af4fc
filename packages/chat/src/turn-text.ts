const lineBreak = /(\r\n|[\n\r\v\f\u0085\u2028\u2029])/
const marker = /^(?:user|ai)\s*:/i

/** A line as it is read, from its first character that is seen. */
const seen = (line: string): string => line.replace(/\p{Cf}/gu, '').trimStart()

/** Whether a line reads like the beginning of a turn, in whatever width its letters are and whatever hides between them. */
const beginsTurn = (line: string): boolean => marker.test(seen(line).slice(0, 32).normalize('NFKC'))

/**
 * Typed text that forges no turn. The history is one text, whose turns are lines that begin with `User: ` and `AI: `; a
 * typed line that begins so is joined to the last line before it that is not empty. Other texts stay as they are.
 */
export function withoutTurns(text: string): string {
  const [first, ...rest] = text.split(lineBreak)
  const parts = [first!]
  let empty = ''
  for (let i = 0; i < rest.length; i += 2) {
    const [ending, line] = [rest[i]!, rest[i + 1]!]
    if (seen(line) === '') empty += ending + line
    else {
      parts.push(beginsTurn(line) ? ` ${line.trimStart()}` : empty + ending + line)
      empty = ''
    }
  }
  return parts.join('') + empty
}
