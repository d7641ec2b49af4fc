import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { output } from './shell.js'

/** GB/s at which the disk gives a file, past the system's cache. @returns undefined where `dd` cannot do that */
export async function diskBandwidth(file: string, mostBytes = 3e9): Promise<number | undefined> {
  const bytes = Math.min((await stat(file)).size, mostBytes)
  const blocks = Math.max(1, Math.floor(bytes / 2 ** 24))
  const start = performance.now()
  try {
    await output('dd', [`if=${file}`, 'of=/dev/null', 'bs=16M', `count=${blocks}`, 'iflag=direct'])
  } catch {
    return undefined
  }
  return (blocks * 2 ** 24) / (performance.now() - start) / 1e6
}

/** GB/s at which a file is read as a program reads it, from the system's cache where it is there. */
export async function cachedBandwidth(file: string): Promise<number> {
  const { size } = await stat(file)
  const start = performance.now()
  for await (const _ of createReadStream(file, { highWaterMark: 1 << 24 })) void _
  return size / (performance.now() - start) / 1e6
}

/** Share of a file that the system's cache holds. @returns undefined where `fincore` (util-linux) is not there */
async function cachedShare(file: string): Promise<number | undefined> {
  try {
    const resident = Number(await output('fincore', ['--bytes', '--noheadings', '--output', 'RES', file]))
    return resident / (await stat(file)).size
  } catch {
    return undefined
  }
}

/** Lets the system forget a file. @returns whether it has */
export async function dropFromCache(file: string): Promise<boolean> {
  try {
    await output('dd', [`if=${file}`, 'iflag=nocache', 'count=0'])
  } catch {
    return false
  }
  const share = await cachedShare(file)
  return share !== undefined && share < 0.02
}
