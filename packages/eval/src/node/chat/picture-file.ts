import { stat } from 'node:fs/promises'
import { isAbsolute, join, normalize, sep } from 'node:path'
import { FileNotFoundError } from '@viscpm/core'

/** The questions name COCO's pictures by their numbers alone. */
const prefixes = ['', 'COCO_val2014_']

/**
 * Finds a question's picture in a folder.
 * @throws FileNotFoundError when it is not there, or would lie outside
 */
export async function findPicture(folder: string, image: string): Promise<string> {
  const inside = normalize(image)
  if (isAbsolute(inside) || inside.split(sep)[0] === '..')
    throw new FileNotFoundError({ file: image, message: `does not lie in ${folder}` })
  for (const prefix of prefixes) {
    const path = join(folder, `${prefix}${inside}`)
    if ((await stat(path).catch(() => undefined))?.isFile()) return path
  }
  const hint = 'Name the folder of the pictures: those of the published questions are of COCO val2014.'
  throw new FileNotFoundError({ file: join(folder, image), message: 'no such picture', hint })
}
