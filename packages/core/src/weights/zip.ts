import type { ByteSource } from '../bytes.js'
import { FileFormatError } from '../errors.js'
import { limits } from './limits.js'
import { readRanges } from './ranges.js'
import { shown } from './text.js'
import { dataView, readU64, readZipEnd } from './zip-end.js'

/** One stored (uncompressed) file of a zip archive. */
export interface ZipEntry {
  readonly name: string
  readonly size: number
  /** 0 where the writer did not compute it. */
  readonly crc32: number
  readonly headerOffset: number
  /** Its header and data lie before this offset: where the next entry or the directory begins. */
  limit: number
}

const directorySignature = 0x02014b50
const headerSignature = 0x04034b50
const directoryRecord = 46
const headerRecord = 30
// Compression level bits, "sizes follow the data", UTF-8 name: all that a stored plain entry may have.
const allowedFlags = 0x080e
const saturated = 0xffffffff

/**
 * The entries of a zip archive by name, from the central directory alone. Only archives whose entries are stored,
 * plain, apart from each other and named once are accepted: their contents can then be mapped in place.
 * @throws FileFormatError
 */
export async function readZipDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const end = await readZipEnd(source)
  const broken = (message: string, offset: number): FileFormatError =>
    new FileFormatError({ file: source.name, message, offset })
  if (end.size > limits.zipDirectoryBytes || end.entries * directoryRecord > end.size)
    throw broken(`the zip directory claims ${end.entries} entries in ${end.size} bytes`, end.offset)

  const bytes = await source.read(end.offset, end.size)
  const view = dataView(bytes)
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const entries = new Map<string, ZipEntry>()
  let at = 0
  for (let i = 0; i < end.entries; i++) {
    const here = end.offset + at
    if (at + directoryRecord > bytes.length || view.getUint32(at, true) !== directorySignature)
      throw broken('the zip directory is damaged', here)
    const flags = view.getUint16(at + 8, true)
    const method = view.getUint16(at + 10, true)
    const nameEnd = at + directoryRecord + view.getUint16(at + 28, true)
    const extraEnd = nameEnd + view.getUint16(at + 30, true)
    const next = extraEnd + view.getUint16(at + 32, true)
    if (next > bytes.length) throw broken('the zip directory is damaged', here)
    const name = decodeName(bytes.subarray(at + directoryRecord, nameEnd), here)

    if (flags & ~allowedFlags)
      throw broken(`zip entry ${shown(name)} is ${flags & 0x2041 ? 'encrypted' : 'of an unsupported kind'}`, here)
    if (method !== 0)
      throw new FileFormatError({
        file: source.name,
        offset: here,
        message: `zip entry ${shown(name)} is compressed (method ${method})`,
        hint: 'PyTorch stores entries uncompressed. Unpack the archive and pack it again with "zip -0", or use the original file.',
      })

    const [size, packed, headerOffset] = wideFields(at, nameEnd, extraEnd, name, here)
    if (size !== packed) throw broken(`zip entry ${shown(name)} is stored, yet its two sizes differ`, here)
    if (!(headerOffset + headerRecord + size <= end.offset))
      throw broken(`zip entry ${shown(name)} claims more bytes than the file holds`, here)
    if (entries.has(name)) throw broken(`zip entry ${shown(name)} is there twice`, here)
    entries.set(name, { name, size, crc32: view.getUint32(at + 16, true), headerOffset, limit: end.offset })
    at = next
  }
  if (at !== bytes.length) throw broken('the zip directory is longer than its entries', end.offset + at)
  refuseOverlaps(entries)
  return entries

  function decodeName(raw: Uint8Array, here: number): string {
    let name: string
    try {
      name = utf8.decode(raw)
    } catch (cause) {
      throw new FileFormatError({ file: source.name, offset: here, message: 'a zip entry name is not UTF-8', cause })
    }
    // Nothing is ever unpacked, but a name that points elsewhere says that the archive is not what it pretends to be.
    if (name === '' || name.includes('\0') || name.includes('\\') || /(^|\/)\.\.(\/|$)|^\/|^[A-Za-z]:/.test(name))
      throw broken(`zip entry ${shown(name)} points outside the archive`, here)
    return name
  }

  function wideFields(record: number, from: number, to: number, name: string, here: number): [number, number, number] {
    const fields = [
      view.getUint32(record + 24, true),
      view.getUint32(record + 20, true),
      view.getUint32(record + 42, true),
    ]
    if (view.getUint16(record + 34, true) !== 0) throw broken('the zip archive is split over several files', here)
    if (!fields.includes(saturated)) return fields as [number, number, number]
    for (let p = from; p + 4 <= to; ) {
      const length = view.getUint16(p + 2, true)
      if (view.getUint16(p, true) === 1 && p + 4 + length <= to) {
        let field = p + 4
        for (let f = 0; f < 3; f++) {
          if (fields[f] !== saturated) continue
          if (field + 8 > p + 4 + length) throw broken(`zip entry ${shown(name)} lacks its 64-bit sizes`, here)
          fields[f] = readU64(view, field)
          field += 8
        }
        return fields as [number, number, number]
      }
      p += 4 + length
    }
    throw broken(`zip entry ${shown(name)} lacks its 64-bit sizes`, here)
  }

  function refuseOverlaps(all: ReadonlyMap<string, ZipEntry>): void {
    const sorted = [...all.values()].sort((a, b) => a.headerOffset - b.headerOffset)
    for (let i = 1; i < sorted.length; i++) {
      const entry = sorted[i - 1]!
      entry.limit = sorted[i]!.headerOffset
      if (entry.headerOffset + headerRecord + entry.size > entry.limit)
        throw broken(`zip entries ${shown(entry.name)} and ${shown(sorted[i]!.name)} overlap`, entry.limit)
    }
  }
}

/**
 * Byte offset of each entry's data. Only the local headers are read (neighbours in one request).
 * @throws FileFormatError when a local header contradicts the directory.
 */
export async function entryOffsets(source: ByteSource, entries: readonly ZipEntry[]): Promise<number[]> {
  const encoder = new TextEncoder()
  const names = entries.map(entry => encoder.encode(entry.name))
  for (const [i, { name, headerOffset, limit }] of entries.entries())
    if (headerOffset + headerRecord + names[i]!.length > limit) throw contradiction(name, headerOffset)
  const headers = await readRanges(
    source,
    entries.map(({ headerOffset }, i) => ({ offset: headerOffset, length: headerRecord + names[i]!.length })),
  )
  return entries.map(({ name, size, headerOffset, limit }, i) => {
    const header = headers[i]!
    const view = dataView(header)
    const flags = view.getUint16(6, true)
    const nameLength = view.getUint16(26, true)
    const start = headerOffset + headerRecord + nameLength + view.getUint16(28, true)
    // With flag 8 the sizes follow the data and the header may hold zeros.
    const sizeFits = (value: number): boolean =>
      value === size || value === saturated || ((flags & 8) !== 0 && value === 0)
    if (
      view.getUint32(0, true) !== headerSignature ||
      flags & ~allowedFlags ||
      view.getUint16(8, true) !== 0 ||
      !sizeFits(view.getUint32(18, true)) ||
      !sizeFits(view.getUint32(22, true)) ||
      nameLength !== names[i]!.length ||
      names[i]!.some((byte, k) => header[headerRecord + k] !== byte) ||
      start + size > limit
    )
      throw contradiction(name, headerOffset)
    return start
  })

  function contradiction(name: string, offset: number): FileFormatError {
    return new FileFormatError({
      file: source.name,
      offset,
      message: `the header of zip entry ${shown(name)} contradicts the zip directory`,
    })
  }
}
