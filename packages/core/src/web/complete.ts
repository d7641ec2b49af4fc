import { crc32 } from '../crc32.js'
import type { ImageFormat } from '../image/header.js'

const view = ({ buffer, byteOffset, byteLength }: Uint8Array) => new DataView(buffer, byteOffset, byteLength)

/** All chunks up to the end's are there and whole. Source: PNG specification, 5.3. */
function wholePng(bytes: Uint8Array): boolean {
  const v = view(bytes)
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + v.getUint32(at)
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== v.getUint32(end)) return false
    if (v.getUint32(at + 4) === 0x49454e44) return true // IEND
    at = end + 4
  }
  return false
}

/** The end's marker follows the pixels; a thumbnail inside the header has one too. Source: ITU T.81, annex B. */
function wholeJpeg(bytes: Uint8Array): boolean {
  const v = view(bytes)
  let at = 2
  while (at + 4 <= bytes.length && bytes[at + 1] !== 0xda)
    at += bytes[at + 1] === 0xff ? 1 : 2 + (bytes[at + 1]! >= 0xd0 && bytes[at + 1]! <= 0xd8 ? 0 : v.getUint16(at + 2))
  for (; at + 1 < bytes.length; at++) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true
  return false
}

/** Whether a file goes to its end: browsers show what there is of one that was cut off, and say nothing. */
export function isComplete(bytes: Uint8Array, format: ImageFormat): boolean {
  if (format === 'png') return wholePng(bytes)
  if (format === 'jpeg') return wholeJpeg(bytes)
  return format !== 'webp' || view(bytes).getUint32(4, true) + 8 <= bytes.length
}
