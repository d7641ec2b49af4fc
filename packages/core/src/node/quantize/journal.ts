import { type FileHandle, open, readFile } from 'node:fs/promises'
import { crc32 } from '../../crc32.js'
import { writeFailed } from '../atomic.js'
import type { PieceResult } from './piece-task.js'

/** First line: what is being converted to what. Another one belongs to another conversion. */
export interface JournalHeader {
  /** SHA-256 of the plan, and of everything else that the result depends on. */
  readonly plan: string
  /** The source's files, so that a changed one is told from another plan. */
  readonly sources: readonly string[]
}

/** A piece that is done: it lies on the disk. */
export interface JournalPiece extends PieceResult {
  readonly tensor: number
  readonly piece: number
}

/** Three hashes, three sums, two numbers. */
const longestLine = 480

const encoder = new TextEncoder()
const checksum = (text: string): string => crc32(encoder.encode(text)).toString(16).padStart(8, '0')

/** What a journal holds, as far as it is whole: a line that was cut off ends it. */
export async function readJournal(
  file: string,
): Promise<
  { readonly header: JournalHeader; readonly pieces: readonly JournalPiece[]; readonly bytes: number } | undefined
> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const entries: unknown[] = []
  let bytes = 0
  for (const line of text.split('\n')) {
    const json = line.slice(9)
    if (line[8] !== ' ' || line.slice(0, 8) !== checksum(json)) break
    // The last line's end may be missing: then it is not counted.
    if (bytes + encoder.encode(line).length + 1 > encoder.encode(text).length) break
    bytes += encoder.encode(line).length + 1
    entries.push(JSON.parse(json))
  }
  const [header, ...pieces] = entries as [JournalHeader | undefined, ...JournalPiece[]]
  return header && { header, pieces, bytes }
}

/** An append-only list of what is done. */
export class Journal {
  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    private at: number,
  ) {}

  /**
   * Begins a journal, or goes on with the first `bytes` of the one that is there. Room for `pieces` more lines is taken at once:
   * a disk that is full must not keep what is done from being noted.
   * @throws WriteFailedError
   */
  static async open(file: string, header: JournalHeader, pieces: number, bytes = 0): Promise<Journal> {
    try {
      const handle = await open(file, bytes > 0 ? 'r+' : 'w')
      const journal = new Journal(file, handle, bytes)
      await handle.truncate(bytes)
      await journal.write(new Uint8Array(JSON.stringify(header).length + 64 + pieces * longestLine), bytes)
      if (bytes === 0) await journal.append([header])
      return journal
    } catch (cause) {
      throw writeFailed(file, cause)
    }
  }

  /** Adds lines and waits until they are on the disk. @throws WriteFailedError */
  async append(entries: readonly (JournalHeader | JournalPiece)[]): Promise<void> {
    const lines = entries.map(entry => JSON.stringify(entry)).map(json => `${checksum(json)} ${json}\n`)
    const bytes = encoder.encode(lines.join(''))
    try {
      await this.write(bytes, this.at)
      await this.handle.datasync()
      this.at += bytes.length
    } catch (cause) {
      throw writeFailed(this.file, cause)
    }
  }

  private async write(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, at + done)
      done += bytesWritten
    }
  }

  async close(): Promise<void> {
    await this.handle.close()
  }
}
