import { randomBytes } from 'node:crypto'
import { link, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { WriteFailedError } from '../errors.js'
import { writeFailed } from './atomic.js'

/** Who has a lock. */
export interface LockOwner {
  readonly pid: number
  readonly host: string
  /** When the process began, by the system's clock ticks: numbers of processes are used again. */
  readonly began: string
}

/** Field 22 of /proc/PID/stat; '' where there is no such thing. */
async function beganAt(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

async function isAlive({ pid, host, began }: LockOwner): Promise<boolean> {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return (await beganAt(pid)) === began
}

/** A lock that this process has. */
export interface Lock {
  /** False when another process took it away, which only happens to one that seemed dead. */
  held(): Promise<boolean>
  release(): Promise<void>
}

/**
 * Takes a lock that dies with this process: a file with its number, which is taken over when that process is gone.
 * @returns the lock, or who has it
 * @throws WriteFailedError when the file cannot be made
 */
export async function tryLock(file: string): Promise<Lock | LockOwner> {
  const own: LockOwner = { pid: process.pid, host: hostname(), began: await beganAt(process.pid) }
  const text = `${JSON.stringify({ ...own, id: randomBytes(8).toString('hex') })}\n`
  let last = own
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await created(file, text)) {
      await sweep(file)
      const held = async () => (await readFile(file, 'utf8').catch(() => '')) === text
      return { held, release: async () => void ((await held()) && (await rm(file, { force: true }))) }
    }
    const found = await readFile(file, 'utf8').catch(() => '')
    const owner = parsed(found)
    if (owner && (await isAlive(owner))) return owner
    last = owner ?? last
    // Moved away before it is replaced: of several that find a dead owner, one does.
    const aside = `${file}.${randomBytes(6).toString('hex')}`
    const moved = await rename(file, aside).then(
      () => true,
      () => false,
    )
    if (!moved) continue
    // It may be another's by now.
    if ((await readFile(aside, 'utf8').catch(() => found)) !== found) await link(aside, file).catch(() => {})
    await rm(aside, { force: true })
  }
  return last
}

/** True for a lock that was taken, false for who has it. */
export function isLock(taken: Lock | LockOwner): taken is Lock {
  return 'release' in taken
}

/**
 * As `tryLock`, for a folder that something is converted in.
 * @returns what gives it back
 * @throws WriteFailedError when another process has it
 */
export async function takeLock(file: string): Promise<() => Promise<void>> {
  const taken = await tryLock(file)
  if (isLock(taken)) return taken.release
  throw new WriteFailedError({
    file,
    message: `process ${taken.pid} on ${taken.host} is converting there`,
    hint: 'Wait for it, or choose another folder.',
  })
}

async function created(file: string, text: string): Promise<boolean> {
  // Linked when complete: nobody sees half of it.
  const own = `${file}.${randomBytes(6).toString('hex')}`
  let attempted = false
  try {
    const handle = await open(own, 'wx')
    await handle.writeFile(text)
    await handle.close()
    attempted = true
    await link(own, file)
    return true
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    // It exists; or another process, that took it, swept this one's away.
    if (['EEXIST', 'ENOENT'].includes(code) && attempted) return false
    if (attempted && noLinks.has(code)) return createdInPlace(file, text)
    throw writeFailed(file, cause)
  } finally {
    await rm(own, { force: true })
  }
}

/** What systems say that know no links. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

async function createdInPlace(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx' })
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw writeFailed(file, cause)
  }
}

/** Removes what processes that were killed while they took the lock have left. */
async function sweep(file: string): Promise<void> {
  const folder = dirname(file)
  const left = (await readdir(folder)).filter(name => name.startsWith(`${basename(file)}.`))
  await Promise.all(left.map(name => rm(join(folder, name), { force: true })))
}

function parsed(text: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<LockOwner> | null
    return typeof owner?.pid === 'number' && typeof owner.host === 'string' ? (owner as LockOwner) : undefined
  } catch {
    return undefined
  }
}
