import { dirname, join } from 'node:path'

/** Folder of the pictures that come with the embedded model. */
export async function picturesFolder(): Promise<string> {
  const { tinyFolder } = await import('@viscpm/chat/node')
  return join(dirname(tinyFolder()), 'pictures')
}
