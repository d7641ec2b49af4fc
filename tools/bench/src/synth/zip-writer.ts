import type { FileHandle } from 'node:fs/promises'
import zlib from 'node:zlib'
import { crc32 as slowCrc32 } from '@viscpm/core'

/** Where torch.save lets data begin. */
const alignment = 64
const saturated = 0xffffffff
const encoder = new TextEncoder()

/** zlib.crc32 came with Node 20.15. */
const crc32 = (bytes: Uint8Array, before: number): number => {
  if (typeof zlib.crc32 === 'function') return zlib.crc32(bytes, before)
  if (before !== 0) throw new Error('Node 20.15 or newer is needed')
  return slowCrc32(bytes)
}

/** Writes zip archives as torch.save does: stored entries, data aligned, 64-bit offsets where they are needed. */
export class StoredZipWriter {
  private at = 0
  private readonly directory: Uint8Array[] = []

  constructor(private readonly handle: FileHandle) {}

  /** Adds an entry; the header is written last, when the checksum is known. @throws RangeError for 4 GiB and more */
  async add(name: string, pieces: Iterable<Uint8Array>): Promise<void> {
    const encoded = encoder.encode(name)
    // At least four bytes: an extra field's id and length. torch.save calls it FB.
    const start = Math.ceil((this.at + 30 + encoded.length + 4) / alignment) * alignment
    let end = start
    let crc = 0
    for (const piece of pieces) {
      crc = crc32(piece, crc)
      await this.write(piece, end)
      end += piece.length
    }
    const size = end - start
    if (size >= saturated) throw new RangeError(`${name} has ${size} bytes, too many for an entry`)

    const header = new Uint8Array(start - this.at)
    const fields = new DataView(header.buffer)
    fields.setUint32(0, 0x04034b50, true)
    fields.setUint32(14, crc, true)
    fields.setUint32(18, size, true)
    fields.setUint32(22, size, true)
    fields.setUint16(26, encoded.length, true)
    fields.setUint16(28, header.length - 30 - encoded.length, true)
    header.set(encoded, 30)
    const extra = 30 + encoded.length
    fields.setUint16(extra, 0x4246, true)
    fields.setUint16(extra + 2, header.length - extra - 4, true)
    header.fill(0x5a, extra + 4)
    await this.write(header, this.at)
    this.directory.push(record(encoded, crc, size, this.at))
    this.at = end
  }

  /** Writes the directory. @returns bytes of the whole file */
  async finish(): Promise<number> {
    const start = this.at
    for (const bytes of this.directory) await this.append(bytes)
    const size = this.at - start
    const count = this.directory.length
    if (start >= saturated || count >= 0xffff) await this.append(end64(start, size, count, this.at))
    const end = new DataView(new ArrayBuffer(22))
    end.setUint32(0, 0x06054b50, true)
    end.setUint16(8, Math.min(count, 0xffff), true)
    end.setUint16(10, Math.min(count, 0xffff), true)
    end.setUint32(12, size, true)
    end.setUint32(16, Math.min(start, saturated), true)
    await this.append(new Uint8Array(end.buffer))
    return this.at
  }

  private async append(bytes: Uint8Array): Promise<void> {
    await this.write(bytes, this.at)
    this.at += bytes.length
  }

  private async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, position + done)
      done += bytesWritten
    }
  }
}

/** An entry of the directory. */
function record(name: Uint8Array, crc: number, size: number, offset: number): Uint8Array {
  const wide = offset >= saturated
  const bytes = new Uint8Array(46 + name.length + (wide ? 12 : 0))
  const fields = new DataView(bytes.buffer)
  fields.setUint32(0, 0x02014b50, true)
  fields.setUint32(16, crc, true)
  fields.setUint32(20, size, true)
  fields.setUint32(24, size, true)
  fields.setUint16(28, name.length, true)
  fields.setUint16(30, wide ? 12 : 0, true)
  fields.setUint32(42, Math.min(offset, saturated), true)
  bytes.set(name, 46)
  if (wide) {
    fields.setUint16(46 + name.length, 1, true)
    fields.setUint16(48 + name.length, 8, true)
    fields.setBigUint64(50 + name.length, BigInt(offset), true)
  }
  return bytes
}

/** Zip64's end record and its locator. */
function end64(start: number, size: number, count: number, at: number): Uint8Array {
  const fields = new DataView(new ArrayBuffer(76))
  fields.setUint32(0, 0x06064b50, true)
  fields.setBigUint64(4, 44n, true)
  fields.setUint16(12, 45, true)
  fields.setUint16(14, 45, true)
  fields.setBigUint64(24, BigInt(count), true)
  fields.setBigUint64(32, BigInt(count), true)
  fields.setBigUint64(40, BigInt(size), true)
  fields.setBigUint64(48, BigInt(start), true)
  fields.setUint32(56, 0x07064b50, true)
  fields.setBigUint64(64, BigInt(at), true)
  fields.setUint32(72, 1, true)
  return new Uint8Array(fields.buffer)
}
