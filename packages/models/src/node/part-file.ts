import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { writeFailed } from '@viscpm/core/node'

/** What is known of the bytes that a part holds. */
export interface PartMemory {
  /** Validator of the answer that they are from, and of which server. */
  readonly etag?: string
  readonly origin?: string
}

const pieceBytes = 2 ** 20

/** A file that is being downloaded, with the hash of what it holds. It outlives the process; its memory lies beside it. */
export class PartFile {
  size = 0
  memory: PartMemory = {}
  #hash: Hash = createHash('sha256')

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** Opens it where it is, else makes it; what is there is hashed. @throws WriteFailedError; the signal's reason */
  static async open(path: string, signal?: AbortSignal, onBytes?: (done: number) => void): Promise<PartFile> {
    const handle = await open(path, 'r+')
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
        return open(path, 'wx+')
      })
      .catch(cause => {
        throw writeFailed(path, cause)
      })
    const part = new PartFile(path, handle)
    try {
      part.memory = memoryOf(await readFile(memoryFile(path), 'utf8').catch(() => ''))
      await part.#rehash((await handle.stat()).size, signal, onBytes)
      return part
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** @throws WriteFailedError: a full disk must not look like a fault of the connection */
  async remember(memory: PartMemory): Promise<void> {
    if (memory.etag === this.memory.etag && memory.origin === this.memory.origin) return
    this.memory = memory
    // Need not outlive a power cut: without it the part is compared with what comes.
    const file = memoryFile(this.path)
    try {
      await writeFile(`${file}.tmp`, JSON.stringify(memory))
      await rename(`${file}.tmp`, file)
    } catch (cause) {
      await rm(`${file}.tmp`, { force: true }).catch(() => {})
      throw writeFailed(file, cause)
    }
  }

  /** @throws WriteFailedError */
  async append(bytes: Uint8Array): Promise<void> {
    try {
      // A nearly full disk takes a part of a write without an error.
      for (let at = 0; at < bytes.byteLength; ) {
        const { bytesWritten } = await this.handle.write(bytes, at, bytes.byteLength - at, this.size + at)
        if (bytesWritten === 0) throw Object.assign(new Error('the disk takes no more'), { code: 'ENOSPC' })
        at += bytesWritten
      }
    } catch (cause) {
      throw writeFailed(this.path, cause)
    }
    this.#hash.update(bytes)
    this.size += bytes.byteLength
  }

  /** How many of these bytes are at `offset`, from the first on. */
  async sameAt(offset: number, bytes: Uint8Array): Promise<number> {
    const there = Buffer.alloc(Math.min(bytes.byteLength, this.size - offset))
    const { bytesRead } = await this.handle.read(there, 0, there.length, offset)
    const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytesRead)
    if (there.subarray(0, bytesRead).equals(given)) return bytesRead
    for (let i = 0; i < bytesRead; i++) if (there[i] !== given[i]) return i
    return bytesRead
  }

  /** Forgets what is after `size`. @throws WriteFailedError */
  async truncate(size: number, signal?: AbortSignal): Promise<void> {
    if (size === this.size) return
    await this.handle.truncate(size).catch(cause => {
      throw writeFailed(this.path, cause)
    })
    await this.#rehash(size, signal)
  }

  /** SHA-256 of what it holds. */
  digest(): string {
    return this.#hash.copy().digest('hex')
  }

  /** On the disk, not only on its way there. */
  async sync(): Promise<void> {
    await this.handle.sync().catch(cause => {
      throw writeFailed(this.path, cause)
    })
  }

  async close(): Promise<void> {
    await this.handle.close()
  }

  async #rehash(size: number, signal?: AbortSignal, onBytes?: (done: number) => void): Promise<void> {
    this.#hash = createHash('sha256')
    this.size = 0
    const piece = Buffer.allocUnsafe(Math.min(size, pieceBytes))
    while (this.size < size) {
      signal?.throwIfAborted()
      const { bytesRead } = await this.handle.read(piece, 0, Math.min(piece.length, size - this.size), this.size)
      if (bytesRead === 0) break
      this.#hash.update(piece.subarray(0, bytesRead))
      this.size += bytesRead
      onBytes?.(this.size)
    }
  }
}

const memoryFile = (part: string): string => `${part}.json`

/** Removes a part and its memory. */
export async function removePart(path: string): Promise<void> {
  await rm(path, { force: true })
  await rm(memoryFile(path), { force: true })
}

/** Only the memory: the part has got its name. */
export async function forgetPart(path: string): Promise<void> {
  await rm(memoryFile(path), { force: true })
}

function memoryOf(text: string): PartMemory {
  try {
    const { etag, origin } = JSON.parse(text) as Record<string, unknown>
    return { ...(typeof etag === 'string' && { etag }), ...(typeof origin === 'string' && { origin }) }
  } catch {
    return {}
  }
}
