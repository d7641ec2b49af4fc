import { stat } from 'node:fs/promises'
import { FileNotFoundError, type Image, isVisCPMError } from '@viscpm/core'
import type { Context } from '../../context.js'
import { UsageError } from '../../failures.js'
import type { Io } from '../../io.js'

/** Something to be checked. */
export type CheckInput =
  | { readonly kind: 'text'; readonly input: string; readonly text: string }
  | { readonly kind: 'picture'; readonly input: string; readonly image: Image }

/** Names that are no sentences: a picture that is not there must not be taken for a harmless text. */
const pictureName = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif|heic|svg)$/i

/**
 * Reads what the arguments name: a picture where there is a file of that name, standard input for `-`, else the text itself.
 * @throws UsageError, FileNotFoundError for the name of a picture that is not there, ImageError
 */
export async function readInputs(
  context: Context,
  args: readonly string[],
  signal: AbortSignal,
): Promise<CheckInput[]> {
  const { io, t } = context
  if (args.filter(arg => arg === '-').length > 1) throw new UsageError(t.check.stdinTwice)
  const inputs: CheckInput[] = []
  for (const input of args) {
    signal.throwIfAborted()
    if (input === '-') inputs.push({ kind: 'text', input, text: await readText(context, io, signal) })
    else if (await isPicture(input)) inputs.push({ kind: 'picture', input, image: await readPicture(context, input) })
    else if (input.trim() === '') throw new UsageError(t.check.emptyText)
    else inputs.push({ kind: 'text', input, text: input })
  }
  return inputs
}

async function isPicture(name: string): Promise<boolean> {
  // Sentences are no file names, and may be too long for one.
  const found = await stat(name).catch(() => undefined)
  return found ? found.isFile() || pictureName.test(name) : pictureName.test(name)
}

async function readPicture({ services, t }: Context, file: string): Promise<Image> {
  try {
    return await services.loadImage(file, { alpha: 'white' })
  } catch (error) {
    if (!isVisCPMError(error, 'FILE_NOT_FOUND')) throw error
    const message = error.message.startsWith(`${file}: `) ? error.message.slice(file.length + 2) : error.message
    throw new FileNotFoundError({ file, message, hint: t.check.asText, cause: error })
  }
}

async function readText({ t }: Context, io: Io, signal: AbortSignal): Promise<string> {
  if (io.stdin.isTTY) throw new UsageError(t.check.stdinIsTerminal)
  const stop = (): void => {
    io.stdin.destroy()
  }
  signal.addEventListener('abort', stop, { once: true })
  const chunks: Buffer[] = []
  try {
    for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk as Buffer))
  } finally {
    signal.removeEventListener('abort', stop)
  }
  signal.throwIfAborted()
  const text = Buffer.concat(chunks).toString('utf8')
  if (text.trim() === '') throw new UsageError(t.check.emptyText)
  return text
}
