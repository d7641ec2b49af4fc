import type { Messages } from '../i18n/index.js'

export type PictureProblem = 'kind' | 'bytes' | 'pixels' | 'broken'

export class PictureError extends Error {
  readonly problem: PictureProblem

  constructor(problem: PictureProblem) {
    super(`The picture cannot be used: ${problem}.`)
    this.name = 'PictureError'
    this.problem = problem
  }
}

/** What servers take as well. */
export const limits = { bytes: 20e6, pixels: 50e6 } as const
export const accepted = 'image/png,image/jpeg,image/webp,image/gif'

/** The kind of a picture file by its first bytes, whatever its name says. */
export function pictureType(head: Uint8Array): string | undefined {
  const is = (at: number, ...bytes: number[]): boolean => bytes.every((byte, i) => head[at + i] === byte)
  if (is(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png'
  if (is(0, 0xff, 0xd8, 0xff)) return 'image/jpeg'
  if (is(0, 0x52, 0x49, 0x46, 0x46) && is(8, 0x57, 0x45, 0x42, 0x50)) return 'image/webp'
  if (is(0, 0x47, 0x49, 0x46, 0x38)) return 'image/gif'
  return undefined
}

/** A picture that models can be shown, or the reason why it is none. @throws PictureError */
export async function readPicture(file: Blob): Promise<Blob> {
  if (file.size > limits.bytes) throw new PictureError('bytes')
  const type = pictureType(new Uint8Array(await file.slice(0, 16).arrayBuffer()))
  if (type === undefined) throw new PictureError('kind')
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(file)
  } catch {
    throw new PictureError('broken')
  }
  const pixels = bitmap.width * bitmap.height
  bitmap.close()
  if (pixels > limits.pixels) throw new PictureError('pixels')
  // A copy in memory: the file on disk may change or go away.
  return new Blob([await file.arrayBuffer()], { type })
}

/** The reason in words. */
export function pictureProblem(thrown: unknown, t: Messages): string {
  return t.chat.picture[thrown instanceof PictureError ? thrown.problem : 'broken']
}

/** Files of a drop or of the clipboard that may be pictures. */
export function picturesIn(files: readonly File[]): readonly File[] {
  return files.filter(file => file.type === '' || file.type.startsWith('image/'))
}
