import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The pictures that come with the embedded model, those made for the demo (demo-1, demo-2, ...) first. */
export async function tinyPictures(): Promise<string[]> {
  const { tinyFolder } = await import('@viscpm/chat/node')
  const folder = join(dirname(tinyFolder()), 'pictures')
  const names = await readdir(folder).catch(() => [])
  return names
    .filter(name => /\.(png|jpe?g|webp|gif)$/i.test(name))
    .sort((a, b) => Number(b.startsWith('demo')) - Number(a.startsWith('demo')) || a.localeCompare(b, 'en'))
    .map(name => join(folder, name))
}
