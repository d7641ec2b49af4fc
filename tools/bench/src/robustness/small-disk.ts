import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** A file system of its own that is soon full, in memory. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** Mounts it; only root may. @throws Error */
  static mount(folder: string, bytes: number): SmallDisk {
    mkdirSync(folder)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'none', folder], { stdio: 'pipe' })
    } catch (cause) {
      throw new Error('A small file system cannot be mounted: run this as root.', { cause })
    }
    return new SmallDisk(folder)
  }

  resize(bytes: number): void {
    execFileSync('mount', ['-o', `remount,size=${bytes}`, this.folder], { stdio: 'pipe' })
  }

  unmount(): void {
    execFileSync('umount', [this.folder], { stdio: 'pipe' })
  }

  get free(): number {
    const { bavail, bsize } = statfsSync(this.folder)
    return bavail * bsize
  }

  /** Takes all space but so many bytes, as another program would. */
  fill(leave = 0): void {
    const file = openSync(join(this.folder, filler), 'a')
    try {
      const block = new Uint8Array(65536)
      while (this.free > leave) writeSync(file, block, 0, Math.min(block.length, this.free - leave))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    } finally {
      closeSync(file)
    }
  }

  /** The other program's files are deleted. */
  clear(): void {
    rmSync(join(this.folder, filler), { force: true })
  }
}

/** What the other program's file is called. */
export const filler = 'filler'
