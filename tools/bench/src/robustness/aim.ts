import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * Moments of a conversion too short to be met by chance, by the file whose coming or going tells of them: the lock, the working
 * folder, a file copied beside the weights, the manifest, the older model moved away.
 */
export const momentNames = ['lock', 'work', 'copied', 'manifest', 'replaced'] as const
export type Moment = (typeof momentNames)[number]

function fileOf(moment: Moment, folder: string): string {
  const beside = (name: string) => join(dirname(folder), `.${basename(folder)}.${name}`)
  switch (moment) {
    case 'lock':
      return beside('lock')
    case 'work':
      return beside('converting')
    case 'copied':
      return join(beside('converting'), 'model', 'bee.txt')
    case 'manifest':
      return join(beside('converting'), 'model', 'manifest.json')
    case 'replaced':
      return beside('replaced')
  }
}

/** Calls `then` at a moment of the conversion to `folder`, as soon as the system tells of it. @returns call it to stop watching */
export function atMoment(moment: Moment, folder: string, then: () => void): () => void {
  const file = fileOf(moment, folder)
  const watchers: FSWatcher[] = []
  const watchFor = (path: string, found: () => void): void => {
    // The folder that it is in may not be there yet.
    const inside = dirname(path)
    try {
      const watcher = watch(inside, (_, name) => {
        if (name !== null && path === join(inside, name)) found()
      })
      watcher.on('error', () => watcher.close())
      watchers.push(watcher)
    } catch {
      watchFor(inside, () => watchFor(path, found))
    }
  }
  watchFor(file, then)
  return () => {
    for (const watcher of watchers) watcher.close()
  }
}
