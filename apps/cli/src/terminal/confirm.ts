import type { Context } from '../context.js'
import { CommandError, Interrupted } from '../failures.js'
import { LineReader } from './line-reader.js'

const yes = new Set(['y', 'yes', '是', '好', '接受'])

/**
 * Asks something that is answered with yes or no, where there is a terminal to ask in; anything but a yes is a no.
 * @throws CommandError where there is none, Interrupted at Ctrl-C
 */
export async function confirm(
  { io }: Pick<Context, 'io'>,
  question: string,
  noTerminal: { readonly message: string; readonly hint: string },
): Promise<boolean> {
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) throw new CommandError(noTerminal.message, noTerminal.hint)
  const reader = new LineReader(io, { prompt: question, output: io.stderr, onInterrupt: () => false })
  try {
    const answer = await reader.next()
    if (answer.type === 'interrupt') throw new Interrupted()
    return answer.type === 'line' && yes.has(answer.text.trim().toLowerCase())
  } finally {
    reader.close()
  }
}
