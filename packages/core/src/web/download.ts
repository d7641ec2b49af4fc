import { FileFormatError, FileNotFoundError } from '../errors.js'
import type { OnProgress } from '../progress.js'

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: OnProgress | undefined
}

/** @throws FileNotFoundError where no server answers, or not with the file; the signal's reason */
export async function request(url: string, options: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, options)
  } catch (cause) {
    options.signal?.throwIfAborted()
    const hint = 'Is the server running, and the network there?'
    throw new FileNotFoundError({ file: url, message: 'the server does not answer', hint, cause })
  }
  if (response.ok) return response
  await response.body?.cancel()
  throw new FileNotFoundError({ file: url, message: `the server answers ${response.status} ${response.statusText}` })
}

/**
 * A whole file, told as the phase 'download'.
 * @throws FileNotFoundError as `request`; FileFormatError when it was cut off on its way; the signal's reason
 */
export async function download(url: string, { signal, onProgress }: DownloadOptions): Promise<Uint8Array<ArrayBuffer>> {
  // Kept under its hash by whoever asks: a second copy in the browser's own cache would be of no use.
  const response = await request(url, { cache: 'no-store', ...(signal && { signal }) })
  const length = response.headers.get('content-length')
  // Of what was compressed on its way the length is another one.
  const known = length !== null && !response.headers.get('content-encoding')
  const total = known ? { total: Number(length) } : {}
  let bytes = new Uint8Array(total.total ?? 2 ** 16)
  let done = 0
  try {
    for (const reader = response.body!.getReader(); ; ) {
      const { value } = await reader.read()
      if (!value) break
      if (done + value.length > bytes.length) bytes = grown(bytes, done + value.length)
      bytes.set(value, done)
      done += value.length
      onProgress?.({ phase: 'download', done, ...total, unit: 'bytes' })
    }
  } catch (cause) {
    signal?.throwIfAborted()
    throw cutOff(url, done, total.total, cause)
  }
  if (known && done !== total.total) throw cutOff(url, done, total.total)
  return done === bytes.length ? bytes : bytes.slice(0, done)
}

function grown(bytes: Uint8Array<ArrayBuffer>, least: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(Math.max(least, 2 * bytes.length))
  more.set(bytes)
  return more
}

function cutOff(file: string, done: number, total: number | undefined, cause?: unknown): FileFormatError {
  const of = total === undefined ? '' : ` of ${total}`
  return new FileFormatError({
    file,
    message: `cut off on its way after ${done}${of} bytes`,
    hint: 'Load it again.',
    ...(cause !== undefined && { cause }),
  })
}
