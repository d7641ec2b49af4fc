import type { Image } from '@viscpm/core'
import { resize } from '@viscpm/core/image'

/** A picture in another size: its middle, as large as has the same proportions, made larger or smaller. */
export function fit(image: Image, width: number, height: number): Image {
  const scale = Math.min(image.width / width, image.height / height)
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))]
  return resize(cut(image, Math.floor((image.width - w) / 2), Math.floor((image.height - h) / 2), w, h), width, height)
}

function cut(image: Image, left: number, top: number, width: number, height: number): Image {
  if (width === image.width && height === image.height) return image
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * image.width + left) * 3
    data.set(image.data.subarray(start, start + width * 3), y * width * 3)
  }
  return { width, height, data }
}
