import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tensor, WeightSource } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { TorchGenerator } from '@viscpm/core/random'
import { AutoencoderKL, floatToUint8, parseVaeConfig, pixelsToImages, samplePosterior } from '@viscpm/unet-sampler'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { errorOf, maxDifference, values } from './tensors.js'

const tolerance = 5e-5
/** Of the final bytes: how far one may be off, and how many. */
const byteTolerance = { difference: 1, share: 0.005 }

type Errors = Record<string, readonly [error: number, limit: number]>

/** Seeds of the recorded draws, by case. */
interface Index {
  readonly cases: readonly { readonly name: string; readonly sample_generator_seed?: number }[]
}

async function compareEncoding(
  vae: AutoencoderKL,
  recorded: WeightSource,
  name: string,
  seed: number,
): Promise<Errors> {
  const error = async (t: Tensor, key: string) => [await errorOf(t, recorded, `${name}/${key}`), tolerance] as const
  const pixels = await recorded.read(`${name}/pixels`)
  const posterior = await vae.encode(pixels)
  const noise = new TorchGenerator(seed).randn(posterior.mean.shape)
  return {
    mean: await error(posterior.mean, 'mean'),
    logvar: await error(posterior.logvar, 'logvar'),
    sample: await error(samplePosterior(posterior, noise), 'sample'),
    latents_scaled: await error(await vae.encodeLatents(pixels, noise), 'latents_scaled'),
  }
}

async function compareDecoding(
  vae: AutoencoderKL,
  recorded: WeightSource,
  name: string,
): Promise<{ readonly pixels: Errors; readonly bytes: Errors }> {
  const decoded = await vae.decodeLatents(await recorded.read(`${name}/latents_scaled`))
  const bytes = pixelsToImages(decoded).flatMap(image => [...image.data])
  const expected = await values<Uint8Array>(recorded, `${name}/image_u8_nhwc`)
  const different = bytes.filter((byte, i) => byte !== expected[i])
  return {
    pixels: { decoded: [await errorOf(decoded, recorded, `${name}/decoded`), tolerance] },
    bytes: {
      'a byte': [maxDifference(bytes, expected), byteTolerance.difference],
      'share of bytes': [different.length / bytes.length, byteTolerance.share],
    },
  }
}

/** What was recorded inside: `enc.down_blocks.0` is our `encoder.down_blocks.0`. */
async function compareModules(vae: AutoencoderKL, recorded: WeightSource, name: string): Promise<Errors> {
  const start = `${name}/inter/`
  const keys = recorded.keys().filter(key => key.startsWith(start))
  if (keys.length === 0) return {}
  // One run over the whole batch, as it was recorded.
  const scaled = await values<Float32Array>(recorded, `${name}/latents_scaled`)
  const { shape } = recorded.info(`${name}/latents_scaled`)
  const data = scaled.map(v => v * Math.fround(1 / vae.config.scaling_factor))
  const outputs = {
    ...(await vae.forward('encoder', await recorded.read(`${name}/pixels`))),
    ...(await vae.forward('decoder', { dtype: 'float32', shape, data })),
  }
  const errors: Errors = {}
  for (const key of keys) {
    const path = key
      .slice(start.length)
      .replace(/^enc\./, 'encoder.')
      .replace(/^dec\./, 'decoder.')
    errors[path] = [await errorOf(outputs[path], recorded, key), tolerance]
  }
  return errors
}

async function compareFile(folder: string, file: string, recorded: WeightSource, index: Index): Promise<SetResult[]> {
  const tally = new Tally(`vae/${file}`, tolerance)
  const pictures = new Tally(`vae/${file}, bytes`, byteTolerance.difference)
  const weights = await openCheckpoint(join(folder, file))
  const json: unknown = JSON.parse(await readFile(join(folder, file, '../config.json'), 'utf8'))
  const load = (intermediates: boolean) =>
    AutoencoderKL.load({ weights, config: parseVaeConfig(json), backend: onnxruntimeNode(), intermediates })
  const [vae, full] = [await load(false), await load(true)]
  for (const { name, sample_generator_seed: seed } of index.cases) {
    if (!recorded.has(`${name}/decoded`)) continue
    if (seed !== undefined) tally.add(`${name} encode`, await compareEncoding(vae, recorded, name, seed))
    const { pixels, bytes } = await compareDecoding(vae, recorded, name)
    tally.add(`${name} decode`, pixels)
    pictures.add(name, bytes)
    const inside = await compareModules(full, recorded, name)
    if (Object.keys(inside).length > 0) tally.add(`${name} modules`, inside)
  }
  for (const model of [vae, full]) await model.dispose()
  await weights.close()
  return [tally.result(), pictures.result()]
}

async function compareRounding(recorded: WeightSource): Promise<SetResult> {
  const tally = new Tally('vae/rounding', 0)
  for (const [input, output] of [
    ['in', 'u8'],
    ['in2', 'u8_2'],
  ] as const) {
    const bytes = floatToUint8(await values<Float32Array>(recorded, `rounding/${input}`))
    const error = await errorOf({ dtype: 'uint8', shape: [bytes.length], data: bytes }, recorded, `rounding/${output}`)
    tally.add(input, { bytes: [error, 0] })
  }
  return tally.result()
}

/** The recorded VAE, from every file of it: encoding, draws, decoding, bytes, and what lies between. */
export async function runVae(goldens: string): Promise<SetResult[]> {
  const folder = join(goldens, 'vae')
  const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as Index
  const recorded = await openCheckpoint(join(folder, 'cases.safetensors'))
  const files = await readdir(folder, { recursive: true })
  const results: SetResult[] = []
  for (const file of files.filter(f => /^model.*\.(safetensors|bin)$/.test(f)).sort())
    results.push(...(await compareFile(folder, file, recorded, index)))
  results.push(await compareRounding(recorded))
  await recorded.close()
  return results
}
