import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The pictures that come with the embedded model, by name. */
export async function tinyPictures(): Promise<string[]> {
  const { tinyFolder } = await import('@viscpm/chat/node')
  const folder = join(dirname(tinyFolder()), 'pictures')
  const names = await readdir(folder).catch(() => [])
  return names
    .filter(name => /\.(png|jpe?g|webp|gif)$/i.test(name))
    .sort((a, b) => a.localeCompare(b, 'en'))
    .map(name => join(folder, name))
}
