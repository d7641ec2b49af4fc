import { crc32, ImageError } from '@viscpm/core'

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** A piece of a PNG file. */
export interface PngChunk {
  /** Four letters, e.g. IHDR. */
  readonly type: string
  /** Over the file's memory. */
  readonly data: Uint8Array
}

const broken = (what: string): ImageError =>
  new ImageError({
    message: `the PNG file is broken: ${what}`,
    hint: 'Take the file as it was written; copy it again.',
  })

/**
 * Takes a PNG file apart; no pixel is decoded. What follows the last chunk (IEND) is passed over.
 * @throws ImageError when it is no PNG file, cut off, or a chunk's checksum is wrong
 */
export function readChunks(file: Uint8Array): PngChunk[] {
  if (signature.some((byte, i) => file[i] !== byte)) throw new ImageError({ message: 'this is no PNG file' })
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const chunks: PngChunk[] = []
  for (let at = signature.length; ; ) {
    if (at + 12 > file.length) throw broken('it ends early')
    const length = view.getUint32(at)
    const end = at + 8 + length
    if (end + 4 > file.length) throw broken('it ends within a chunk')
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8))
    if (crc32(file.subarray(at + 4, end)) !== view.getUint32(end)) throw broken(`the checksum of ${type} is wrong`)
    if (chunks.length === 0 && type !== 'IHDR') throw broken('it does not begin with its header')
    chunks.push({ type, data: file.subarray(at + 8, end) })
    if (type === 'IEND') return chunks
    at = end + 4
  }
}

/** Puts a PNG file together. */
export function writeChunks(chunks: readonly PngChunk[]): Uint8Array {
  const file = new Uint8Array(chunks.reduce((size, { data }) => size + 12 + data.length, signature.length))
  const view = new DataView(file.buffer)
  file.set(signature)
  let at = signature.length
  for (const { type, data } of chunks) {
    view.setUint32(at, data.length)
    for (let i = 0; i < 4; i++) file[at + 4 + i] = type.charCodeAt(i)
    file.set(data, at + 8)
    const end = at + 8 + data.length
    view.setUint32(end, crc32(file.subarray(at + 4, end)))
    at = end + 4
  }
  return file
}
