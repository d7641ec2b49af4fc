import type { Image } from '@viscpm/core'
import type { Io, TextOutput } from '../io.js'
import { colorDepth } from './colors.js'
import { pictureLines } from './picture.js'

/** Widest picture in characters. */
const maxColumns = 36

/** A picture as lines for a stream; none where it cannot show pictures. */
export function shownPicture(image: Image, stream: TextOutput, env: Io['env'], widest: number = maxColumns): string[] {
  const depth = colorDepth(stream, env)
  if (depth < 8 || !stream.isTTY) return []
  return pictureLines(image, Math.min(widest, (stream.columns || 80) - 1), depth)
}
