import type { ByteSource } from '../bytes.js'
import { FileFormatError } from '../errors.js'

const endSignature = 0x06054b50
const locatorSignature = 0x07064b50
const end64Signature = 0x06064b50
const endSize = 22
const locatorSize = 20
const end64Size = 56
const maxComment = 0xffff

/** Where the central directory of a zip lies. */
export interface ZipEnd {
  readonly entries: number
  readonly offset: number
  readonly size: number
}

/** A little-endian unsigned 64-bit number; Infinity beyond what a double holds exactly. */
export function readU64(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true)
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.POSITIVE_INFINITY
}

export function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * Finds the end-of-central-directory record (and its zip64 form) and checks that both tell the same.
 * Source: PKWARE APPNOTE 4.3.14 - 4.3.16.
 * @throws FileFormatError
 */
export async function readZipEnd(source: ByteSource): Promise<ZipEnd> {
  const broken = (message: string, offset?: number): FileFormatError =>
    new FileFormatError({ file: source.name, message, ...(offset === undefined ? {} : { offset }) })

  const tailSize = Math.min(source.size, endSize + maxComment + locatorSize)
  const tailStart = source.size - tailSize
  const tail = await source.read(tailStart, tailSize)
  const view = dataView(tail)
  let at = tailSize - endSize
  // The record must end the file: a signature inside a comment or an entry does not count.
  while (
    at >= 0 &&
    !(view.getUint32(at, true) === endSignature && at + endSize + view.getUint16(at + 20, true) === tailSize)
  )
    at--
  if (at < 0)
    throw new FileFormatError({
      file: source.name,
      message: 'the zip archive has no end record: the file is cut off or not a whole download',
      hint: 'Download or copy the file again and compare its size with the original.',
    })

  const endOffset = tailStart + at
  const end = {
    entries: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  }
  if (view.getUint16(at + 4, true) || view.getUint16(at + 6, true) || view.getUint16(at + 8, true) !== end.entries)
    throw broken('the zip archive is split over several files', endOffset)

  const locatorAt = at - locatorSize
  if (locatorAt < 0 || view.getUint32(locatorAt, true) !== locatorSignature) return checked(end, endOffset)

  const locatorOffset = endOffset - locatorSize
  const end64Offset = readU64(view, locatorAt + 8)
  if (!(end64Offset + end64Size <= locatorOffset))
    throw broken('the zip64 end record lies outside the file', locatorOffset)
  const record = dataView(await source.read(end64Offset, end64Size))
  if (record.getUint32(0, true) !== end64Signature || end64Offset + 12 + readU64(record, 4) !== locatorOffset)
    throw broken('the zip64 end record is not where it is said to be', end64Offset)
  const end64 = { entries: readU64(record, 32), size: readU64(record, 40), offset: readU64(record, 48) }
  if (record.getUint32(16, true) || record.getUint32(20, true) || readU64(record, 24) !== end64.entries)
    throw broken('the zip archive is split over several files', end64Offset)
  // Two records that disagree are how one file shows different contents to different readers.
  if (
    (end.entries !== 0xffff && end.entries !== end64.entries) ||
    (end.size !== 0xffffffff && end.size !== end64.size) ||
    (end.offset !== 0xffffffff && end.offset !== end64.offset)
  )
    throw broken('the two end records of the zip archive disagree', end64Offset)
  return checked(end64, end64Offset)

  function checked(found: ZipEnd, recordOffset: number): ZipEnd {
    if (found.offset + found.size !== recordOffset)
      throw broken('the zip directory does not end where its end record begins', recordOffset)
    return found
  }
}
