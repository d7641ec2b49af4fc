import { type Image, InvalidArgumentError } from '@viscpm/core'

/**
 * Root mean square difference of two pictures' bytes, 0 to 1.
 * @throws InvalidArgumentError for pictures of different sizes
 */
export function pixelDistance(a: Image, b: Image): number {
  if (a.width !== b.width || a.height !== b.height)
    throw new InvalidArgumentError({
      argument: 'pictures',
      message: `${a.width} x ${a.height} and ${b.width} x ${b.height} cannot be compared`,
    })
  let squares = 0
  for (let i = 0; i < a.data.length; i++) squares += (a.data[i]! - b.data[i]!) ** 2
  return Math.sqrt(squares / a.data.length) / 255
}

/** 1 - cosine of two vectors; 1 where either has no length. */
export function cosineDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!
    aa += a[i]! ** 2
    bb += b[i]! ** 2
  }
  const length = Math.sqrt(aa * bb)
  return length === 0 ? 1 : 1 - dot / length
}
