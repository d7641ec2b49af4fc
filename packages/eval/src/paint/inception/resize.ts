import { type Image, type Tensor, tensor } from '@viscpm/core'
import { bicubic, bicubicSupport, checkPixels } from '@viscpm/core/image'

/** For each output place the first input place, and the weights from there on. */
function taps(from: number, to: number): readonly { readonly first: number; readonly weights: Float64Array }[] {
  const scale = from / to
  const stretch = Math.max(scale, 1)
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale
    const first = Math.max(0, Math.trunc(centre - bicubicSupport * stretch + 0.5))
    const end = Math.min(from, Math.trunc(centre + bicubicSupport * stretch + 0.5))
    const weights = Float64Array.from({ length: end - first }, (_, k) => bicubic((k + first - centre + 0.5) / stretch))
    const sum = weights.reduce((a, b) => a + b, 0)
    return { first, weights: sum === 0 ? weights : weights.map(weight => weight / sum) }
  })
}

/**
 * A picture stretched to `size` x `size` as clean-fid does it: every channel as floats with PIL's antialiased bicubic filter,
 * never rounded to 8 bits (unlike core's `resize`), then cut to 0..255. float32 [3, size, size].
 * Source: Pillow, ImagingResample for mode F; clean-fid, build_resizer('clean').
 * @throws InvalidArgumentError for what is no picture
 */
export function resizeFloat(image: Image, size: number): Tensor<'float32'> {
  checkPixels('image', image)
  const { width, height, data } = image
  const [columns, rows] = [taps(width, size), taps(height, size)]
  const plane = size * size
  const out = new Float32Array(3 * plane)
  const wide = new Float32Array(height * size)
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < size; x++) {
        const { first, weights } = columns[x]!
        let sum = 0
        for (let k = 0; k < weights.length; k++) sum += data[(y * width + first + k) * 3 + c]! * weights[k]!
        wide[y * size + x] = sum
      }
    for (let y = 0; y < size; y++) {
      const { first, weights } = rows[y]!
      for (let x = 0; x < size; x++) {
        let sum = 0
        for (let k = 0; k < weights.length; k++) sum += wide[(first + k) * size + x]! * weights[k]!
        out[c * plane + y * size + x] = Math.min(255, Math.max(0, sum))
      }
    }
  }
  return tensor('float32', out, [3, size, size])
}
