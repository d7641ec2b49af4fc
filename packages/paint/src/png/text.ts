import { ImageError } from '@viscpm/core'
import type { PngChunk } from './chunks.js'

/** Unpacked texts beyond this are refused: a small file can unpack to gigabytes. */
const maxTextBytes = 4 * 2 ** 20

const latin1 = (bytes: Uint8Array): string => Array.from(bytes, b => String.fromCharCode(b)).join('')
const fromLatin1 = (text: string): number[] => Array.from(text, c => c.charCodeAt(0))

/** A text with its key: a tEXt chunk where ASCII will do, which every reader knows, else iTXt (UTF-8). */
export function textChunk(key: string, text: string): PngChunk {
  if (/^[\x20-\x7e\n]*$/.test(text))
    return { type: 'tEXt', data: Uint8Array.from([...fromLatin1(key), 0, ...fromLatin1(text)]) }
  const utf8 = new TextEncoder().encode(text)
  // After the key: not compressed, method 0, no language, no translated key.
  const head = [...fromLatin1(key), 0, 0, 0, 0, 0]
  const data = new Uint8Array(head.length + utf8.length)
  data.set(head)
  data.set(utf8, head.length)
  return { type: 'iTXt', data }
}

async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('deflate'))
  const reader = stream.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size > maxTextBytes) {
      await reader.cancel()
      throw new ImageError({ message: `a text in the PNG file unpacks to more than ${maxTextBytes} bytes` })
    }
    parts.push(value)
  }
  const out = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** The text of a tEXt, zTXt or iTXt chunk; undefined for other chunks and those that are malformed. @throws ImageError */
async function readText({ type, data }: PngChunk): Promise<[key: string, text: string] | undefined> {
  if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') return undefined
  const end = data.indexOf(0)
  if (end < 1) return undefined
  const key = latin1(data.subarray(0, end))
  if (type === 'tEXt') return [key, latin1(data.subarray(end + 1))]
  if (type === 'zTXt') return [key, latin1(await inflate(data.subarray(end + 2)))]
  const language = data.indexOf(0, end + 3)
  const translated = language < 0 ? -1 : data.indexOf(0, language + 1)
  if (translated < 0) return undefined
  const body = data.subarray(translated + 1)
  return [key, new TextDecoder().decode(data[end + 1] === 1 ? await inflate(body) : body)]
}

/**
 * Texts of a PNG file by key; of several with one key the first.
 * @throws ImageError for a compressed text that is broken or too large
 */
export async function textsOf(chunks: readonly PngChunk[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const chunk of chunks) {
    const found = await readText(chunk).catch(cause => {
      throw cause instanceof ImageError
        ? cause
        : new ImageError({ message: `a text in the PNG file (${chunk.type}) is broken`, cause })
    })
    if (found && !texts.has(found[0])) texts.set(...found)
  }
  return texts
}
