import { FilesFullError } from './errors.js'
import { fileLimits, newFileId } from './limits.js'
import type { FileLimits, FileStore, NewFile, StoredFile } from './types.js'

interface Held {
  readonly owner: string
  readonly file: StoredFile
  readonly content: Uint8Array
}

/** Files in the memory of this process; see `FileStore`. */
export class MemoryFiles implements FileStore {
  readonly limits: FileLimits
  private readonly held = new Map<string, Held>()
  private readonly sweep: NodeJS.Timeout

  /** @throws InvalidArgumentError */
  constructor(limits?: Partial<FileLimits>) {
    this.limits = fileLimits(limits)
    this.sweep = setInterval(() => this.forget(), Math.min(this.limits.keepMs, 30_000)).unref()
  }

  async put(owner: string, { name, content, keepMs = this.limits.keepMs }: NewFile): Promise<StoredFile> {
    this.forget()
    const { maxFiles, maxBytes, maxFilesPerOwner, maxBytesPerOwner } = this.limits
    const all = [...this.held.values()]
    const own = all.filter(one => one.owner === owner)
    checkRoom(own, content.length, maxFilesPerOwner, maxBytesPerOwner)
    checkRoom(all, content.length, maxFiles, maxBytes)
    const createdAt = Date.now()
    const expiresAt = createdAt + Math.min(keepMs, this.limits.keepMs)
    const file = { id: newFileId(), name, bytes: content.length, createdAt, expiresAt }
    this.held.set(file.id, { owner, file, content })
    return file
  }

  async list(owner: string): Promise<readonly StoredFile[]> {
    this.forget()
    return [...this.held.values()].flatMap(one => (one.owner === owner ? [one.file] : []))
  }

  async find(owner: string, id: string): Promise<StoredFile | undefined> {
    return this.of(owner, id)?.file
  }

  async content(owner: string, id: string): Promise<Uint8Array | undefined> {
    return this.of(owner, id)?.content
  }

  async remove(owner: string, id: string): Promise<boolean> {
    return this.of(owner, id) !== undefined && this.held.delete(id)
  }

  close(): void {
    clearInterval(this.sweep)
    this.held.clear()
  }

  private of(owner: string, id: string): Held | undefined {
    this.forget()
    const held = this.held.get(id)
    return held?.owner === owner ? held : undefined
  }

  private forget(): void {
    const now = Date.now()
    for (const [id, { file }] of this.held) if (file.expiresAt <= now) this.held.delete(id)
  }
}

/** @throws FilesFullError */
function checkRoom(there: readonly Held[], bytes: number, most: number, mostBytes: number): void {
  const used = there.reduce((sum, { file }) => sum + file.bytes, 0)
  if (there.length < most && used + bytes <= mostBytes) return
  const next = Math.min(...there.map(({ file }) => file.expiresAt))
  const seconds = Number.isFinite(next) ? Math.ceil((next - Date.now()) / 1000) : 1
  throw new FilesFullError('too many files are kept', Math.max(1, seconds))
}
