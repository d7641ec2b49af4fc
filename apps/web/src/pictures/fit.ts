import type { Size } from '../paint/sizes.js'

/** What of a picture is kept in another size: its middle, as large as has the same proportions. In pixels of the picture. */
export function middleOf(
  picture: Size,
  { width, height }: Size,
): Size & { readonly left: number; readonly top: number } {
  const scale = Math.min(picture.width / width, picture.height / height)
  const [w, h] = [width * scale, height * scale]
  return { left: (picture.width - w) / 2, top: (picture.height - h) / 2, width: w, height: h }
}

/** A picture file in another size, as PNG; one that has the size stays as it is. */
export async function fitPicture(file: Blob, size: Size): Promise<Blob> {
  const bitmap = await createImageBitmap(file)
  try {
    if (bitmap.width === size.width && bitmap.height === size.height) return file
    const canvas = new OffscreenCanvas(size.width, size.height)
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('The browser has no canvas.')
    context.imageSmoothingQuality = 'high'
    const { left, top, width, height } = middleOf(bitmap, size)
    context.drawImage(bitmap, left, top, width, height, 0, 0, size.width, size.height)
    return await canvas.convertToBlob({ type: 'image/png' })
  } finally {
    bitmap.close()
  }
}
