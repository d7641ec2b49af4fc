import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResultLines } from '@viscpm/eval'
import { openJsonLines } from '@viscpm/eval/node'

export interface OpenResults<T> extends ResultLines<T> {
  close(): Promise<void>
}

/** Results in a file of a folder, which is made; without a folder in memory alone. @throws as `openJsonLines` */
export async function openResults<S, T>(
  folder: string | undefined,
  name: string,
  settings: S,
  parse: (json: unknown) => T,
): Promise<OpenResults<T>> {
  if (folder === undefined) return { found: [], append: async () => {}, close: async () => {} }
  await mkdir(folder, { recursive: true })
  return openJsonLines(join(folder, name), settings, parse)
}
