import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Image, WeightSource } from '@viscpm/core'
import { inceptionMean, inceptionStd, normalize, resize, toTensor } from '@viscpm/core/image'
import { openCheckpoint, sharpCodec } from '@viscpm/core/node'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { maxDifference } from './tensors.js'

interface ImageCase {
  readonly file: string
  readonly size_wh: readonly [number, number]
  readonly [pixels: `pixels_${number}`]: { readonly sha256_f32_le_chw: string }
}

const pixelTolerance = 1e-6
/** Decoders of JPEG may round differently. */
const jpegTolerance = 2

/** A recorded [height, width, 3] picture. */
async function recorded(source: WeightSource, key: string): Promise<Image | undefined> {
  if (!source.has(key)) return undefined
  const { shape, data } = await source.read(key)
  return { width: shape[1]!, height: shape[0]!, data: data as Uint8Array }
}

/** Sizes n for which a case has `<prefix>_<n>` recorded. */
function sizes(names: Iterable<string>, prefix: string): number[] {
  return [...names].filter(name => name.startsWith(`${prefix}_`)).map(name => Number(name.slice(prefix.length + 1)))
}

const pixelsOf = (image: Image) => normalize(toTensor(image), inceptionMean, inceptionStd)

/** Decoding, PIL's resize from the recorded RGB, and the normalised pixels, of every case under `image/`. */
export async function runImage(goldens: string): Promise<SetResult[]> {
  const folder = join(goldens, 'image')
  const cases: ImageCase[] = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8'))
  const uint8 = await openCheckpoint(join(folder, 'uint8.safetensors'))
  const float = await openCheckpoint(join(folder, 'pixels.safetensors'))
  const decoding = new Tally('image/decode', jpegTolerance)
  const resizing = new Tally('image/resize', 0)
  const pixels = new Tally('image/pixels', pixelTolerance)
  const codec = sharpCodec()

  for (const item of cases) {
    const { file } = item
    const rgb = await recorded(uint8, `${file}/rgb`)
    try {
      const decoded = await codec.decode(await readFile(join(folder, 'files', file)), { applyOrientation: false })
      const limit = /\.jpe?g$/.test(file) ? jpegTolerance : 0
      if (rgb) decoding.add(file, { rgb: [maxDifference(decoded.data, rgb.data), limit] })
      else
        decoding.check(file, `${decoded.width}x${decoded.height}` === item.size_wh.join('x') ? undefined : 'wrong size')

      const source = rgb ?? decoded
      const names = uint8.keys().filter(key => key.startsWith(`${file}/`))
      for (const n of sizes(names, `${file}/resized`)) {
        const wanted = await recorded(uint8, `${file}/resized_${n}`)
        resizing.add(`${file} ${n}`, { resized: [maxDifference(resize(source, n, n).data, wanted!.data), 0] })
      }
      for (const n of sizes(Object.keys(item), 'pixels')) {
        const { data } = pixelsOf(resize(source, n, n))
        const key = `${file}/pixels_${n}`
        if (float.has(key))
          pixels.add(`${file} ${n}`, {
            pixels: [maxDifference(data, (await float.read(key)).data as Float32Array), pixelTolerance],
          })
        else {
          const hash = createHash('sha256').update(new Uint8Array(data.buffer)).digest('hex')
          pixels.check(
            `${file} ${n}`,
            hash === item[`pixels_${n}`]!.sha256_f32_le_chw ? undefined : 'other bits (SHA-256 differs)',
          )
        }
      }
    } catch (error) {
      decoding.check(file, String(error))
    }
  }
  await Promise.all([uint8.close(), float.close()])
  return [decoding, resizing, pixels].map(tally => tally.result())
}
