import { randomBytes } from 'node:crypto'
import { link, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { WriteFailedError } from '../../errors.js'
import { writeFailed } from '../atomic.js'

interface Owner {
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

async function isAlive({ pid, host, began }: Owner): Promise<boolean> {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return (await beganAt(pid)) === began
}

/**
 * Takes a lock that dies with this process: a file with its number, which is taken over when that process is gone.
 * @returns what gives it back
 * @throws WriteFailedError when another process has it
 */
export async function takeLock(file: string): Promise<() => Promise<void>> {
  const own: Owner = { pid: process.pid, host: hostname(), began: await beganAt(process.pid) }
  const text = `${JSON.stringify({ ...own, id: randomBytes(8).toString('hex') })}\n`
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await created(file, text)) {
      await sweep(file)
      return () => rm(file, { force: true })
    }
    const found = await readFile(file, 'utf8').catch(() => '')
    const owner = parsed(found)
    if (owner && (await isAlive(owner))) throw taken(file, owner)
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
  throw taken(file)
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
    // It exists; or another process, that took it, swept this one's away.
    if (['EEXIST', 'ENOENT'].includes((cause as NodeJS.ErrnoException).code ?? '') && attempted) return false
    throw writeFailed(file, cause)
  } finally {
    await rm(own, { force: true })
  }
}

/** Removes what processes that were killed while they took the lock have left. */
async function sweep(file: string): Promise<void> {
  const folder = dirname(file)
  const left = (await readdir(folder)).filter(name => name.startsWith(`${basename(file)}.`))
  await Promise.all(left.map(name => rm(join(folder, name), { force: true })))
}

function parsed(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null
    return typeof owner?.pid === 'number' && typeof owner.host === 'string' ? (owner as Owner) : undefined
  } catch {
    return undefined
  }
}

function taken(file: string, owner?: Owner): WriteFailedError {
  return new WriteFailedError({
    file,
    message: owner ? `process ${owner.pid} on ${owner.host} is converting there` : 'others are converting there',
    hint: 'Wait for it, or choose another folder.',
  })
}
