import { execFileSync } from 'node:child_process'
import { open, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const piece = 8 * 2 ** 20
/** Reads and writes that are under way at once: what a disk needs to be kept busy. */
const depth = 4

/**
 * Empties the system's cache of files, so that what is read next comes from the disk.
 * @returns false where this process may not: then what is read may come from memory
 */
export async function dropCaches(): Promise<boolean> {
  try {
    execFileSync('sync')
    await writeFile('/proc/sys/vm/drop_caches', '3')
    return true
  } catch {
    return false
  }
}

/** Does `count` pieces of work, some at once, in their order. @returns seconds */
async function inFlight(count: number, work: (index: number, lane: number) => Promise<void>): Promise<number> {
  const started = performance.now()
  let next = 0
  const lane = async (_: unknown, own: number): Promise<void> => {
    while (next < count) await work(next++, own)
  }
  await Promise.all(Array.from({ length: depth }, lane))
  return (performance.now() - started) / 1000
}

/** Bytes a second at which a file is read, front to back. */
export async function readSpeed(file: string): Promise<number> {
  const { size } = await stat(file)
  const handle = await open(file, 'r')
  const buffers = Array.from({ length: depth }, () => new Uint8Array(piece))
  try {
    const seconds = await inFlight(Math.ceil(size / piece), async (index, lane) => {
      await handle.read(buffers[lane]!, 0, Math.min(piece, size - index * piece), index * piece)
    })
    return size / seconds
  } finally {
    await handle.close()
  }
}

/** Bytes a second at which so many are written to a new file, and made sure of. */
export async function writeSpeed(folder: string, bytes: number): Promise<number> {
  const file = join(folder, '.write-speed')
  const handle = await open(file, 'w')
  // Not zeros, which some disks do not store.
  const block = new Uint8Array(piece)
  for (let i = 0; i < piece; i += 65536) crypto.getRandomValues(block.subarray(i, i + 65536))
  const count = Math.ceil(bytes / piece)
  try {
    const started = performance.now()
    await inFlight(count, async index => {
      await handle.write(block, 0, piece, index * piece)
    })
    await handle.sync()
    return (count * piece * 1000) / (performance.now() - started)
  } finally {
    await handle.close()
    await rm(file, { force: true })
  }
}

/**
 * Seconds to read a file and write a share of every piece of it, and to make sure of that: a conversion that computes nothing.
 * Reading and writing at once, a disk is slower than its two speeds tell.
 */
export async function plainSeconds(file: string, folder: string, share: number): Promise<number> {
  const { size } = await stat(file)
  const copy = join(folder, '.plain-copy')
  const [from, to] = [await open(file, 'r'), await open(copy, 'w')]
  const part = Math.round(piece * share)
  const buffers = Array.from({ length: depth }, () => new Uint8Array(piece))
  try {
    const started = performance.now()
    await inFlight(Math.ceil(size / piece), async (index, lane) => {
      const { bytesRead } = await from.read(buffers[lane]!, 0, Math.min(piece, size - index * piece), index * piece)
      await to.write(buffers[lane]!, 0, Math.min(part, bytesRead), index * part)
    })
    await to.sync()
    return (performance.now() - started) / 1000
  } finally {
    await Promise.all([from.close(), to.close()])
    await rm(copy, { force: true })
  }
}
