import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A folder that is gone afterwards, however it ends: many gigabytes must not stay behind. */
export async function withTemporaryFolder<T>(prefix: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), prefix))
  const stopped = (signal: NodeJS.Signals) => {
    rmSync(folder, { recursive: true, force: true })
    process.removeListener(signal, stopped)
    process.kill(process.pid, signal)
  }
  for (const signal of signals) process.on(signal, stopped)
  try {
    return await work(folder)
  } finally {
    for (const signal of signals) process.removeListener(signal, stopped)
    await rm(folder, { recursive: true, force: true })
  }
}
