import { type TaskOptions, type Tensor, tensor } from '@viscpm/core'

export interface Tiling {
  /** Latent pixels per side of a tile; a picture that fits into one is decoded at once. */
  readonly size: number
  /** Pixels per latent pixel. */
  readonly scale: number
  /** Channels of the result. */
  readonly channels: number
}

/** Share of a tile that overlaps the next one. */
const overlap = 0.25

/** Where tiles start along a side: the last is the first one that reaches the end. */
function starts(length: number, size: number, step: number): number[] {
  const count = Math.max(0, Math.ceil((length - size) / step)) + 1
  return Array.from({ length: count }, (_, i) => i * step)
}

/** [1, channels, height, width] of a larger one. */
function cut(z: Tensor<'float32'>, top: number, left: number, size: number): Tensor<'float32'> {
  const [, channels, h, w] = z.shape as [number, number, number, number]
  const [height, width] = [Math.min(size, h - top), Math.min(size, w - left)]
  const out = new Float32Array(channels * height * width)
  for (let row = 0; row < channels * height; row++) {
    const from = (Math.floor(row / height) * h + top + (row % height)) * w + left
    out.set(z.data.subarray(from, from + width), row * width)
  }
  return tensor('float32', out, [1, channels, height, width])
}

/** How much a tile counts in each of its rows (or columns): less towards a side that it shares with another tile. */
function weights(length: number, fade: number, before: boolean, after: boolean): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const fadeIn = before ? Math.min(1, i / fade) : 1
    const fadeOut = after ? Math.min(1, (length - i) / fade) : 1
    return Math.min(fadeIn, fadeOut)
  })
}

/**
 * Decodes one picture tile by tile, so that memory beyond the result stays that of one tile. Tiles overlap by a quarter
 * and fade linearly into one another. z: [1, latent channels, h, w] -> [1, channels, h * scale, w * scale].
 * Source: diffusers, AutoencoderKL.tiled_decode; where four tiles meet, ours does not depend on their order, and tiles
 * that would only repeat what the one before has covered are left out.
 */
export async function decodeTiled(
  z: Tensor<'float32'>,
  { size, scale, channels }: Tiling,
  decodeTile: (tile: Tensor<'float32'>) => Promise<Tensor<'float32'>>,
  { signal, onProgress }: TaskOptions = {},
): Promise<Tensor<'float32'>> {
  const [, , h, w] = z.shape as [number, number, number, number]
  if (Math.max(h, w) <= size) {
    signal?.throwIfAborted()
    const picture = await decodeTile(z)
    onProgress?.({ phase: 'vae', done: 1, total: 1, unit: 'steps' })
    return picture
  }
  const step = Math.floor(size * (1 - overlap))
  const [tops, lefts] = [starts(h, size, step), starts(w, size, step)]
  const fade = (size - step) * scale
  const out = new Float32Array(channels * h * scale * w * scale)
  let done = 0
  for (const top of tops)
    for (const left of lefts) {
      signal?.throwIfAborted()
      const tile = await decodeTile(cut(z, top, left, size))
      const [, , rows, columns] = tile.shape as [number, number, number, number]
      const down = weights(rows, fade, top > 0, top !== tops.at(-1))
      const right = weights(columns, fade, left > 0, left !== lefts.at(-1))
      for (let row = 0; row < channels * rows; row++) {
        const start = (Math.floor(row / rows) * h * scale + top * scale + (row % rows)) * w * scale + left * scale
        for (let j = 0; j < columns; j++)
          out[start + j]! += tile.data[row * columns + j]! * down[row % rows]! * right[j]!
      }
      onProgress?.({ phase: 'vae', done: ++done, total: tops.length * lefts.length, unit: 'steps' })
    }
  return tensor('float32', out, [1, channels, h * scale, w * scale])
}
