import type { Image } from '@viscpm/core'
import type { Context } from '../../context.js'
import { CommandError, UsageError } from '../../failures.js'
import type { Io } from '../../io.js'
import type { Messages } from '../../messages/index.js'

/** Bytes of standard input that are taken for a picture. */
const maxBytes = 200 * 2 ** 20

async function readAll(io: Io, t: Messages, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let length = 0
  const stop = (): void => {
    io.stdin.destroy()
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const chunk of io.stdin) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer)
      length += bytes.length
      if (length > maxBytes) throw new CommandError(t.chat.stdinTooLarge)
      chunks.push(bytes)
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
  signal.throwIfAborted()
  return Buffer.concat(chunks)
}

/** Reads the picture that was named; '-' is standard input. @throws ImageError, FileNotFoundError, UsageError */
export async function readPicture(
  { io, t, services }: Context,
  from: string,
  alpha: 'white' | 'drop',
  signal: AbortSignal,
): Promise<Image> {
  if (from !== '-') return services.loadImage(from, { alpha })
  if (io.stdin.isTTY) throw new UsageError(t.chat.stdinIsTerminal)
  return services.loadImage(await readAll(io, t, signal), { alpha })
}
