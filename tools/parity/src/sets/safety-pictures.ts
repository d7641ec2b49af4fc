import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Image, tensor, toFloat32, type WeightSource } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint, sharpCodec } from '@viscpm/core/node'
import {
  buildSafetyCheckerGraph,
  type CLIPPreprocessing,
  clipPixels,
  parseCLIPPreprocessing,
  parseSafetyCheckerConfig,
  scaledAndCropped,
} from '@viscpm/safety'
import { loadStableDiffusionSafetyChecker } from '@viscpm/safety/node'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { maxDifference, values } from './tensors.js'

const embeddingTolerance = 1e-4
/** Scores have three decimals: a cosine that is off by 1e-7 may round to the next one. */
const scoreTolerance = 0.001 + 1e-9

interface CheckerCase {
  readonly index: number
  readonly file: string
  readonly special_scores: readonly number[]
  readonly special_care: readonly number[]
  readonly adjustment: number
  readonly concept_scores: readonly number[]
  readonly bad_concepts: readonly number[]
  readonly has_nsfw: boolean
  readonly result_is_black: boolean
}

interface Index {
  readonly preprocess: readonly { readonly index: number; readonly file: string; readonly mean: number }[]
  readonly checker: readonly CheckerCase[]
}

const json = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'))
const numbered = (n: number): string => String(n).padStart(2, '0')

async function openPicture(file: string): Promise<Image> {
  return sharpCodec().decode(await readFile(file), { applyOrientation: false })
}

/** The cropped bytes, and from the recorded ones the normalised pixels: one whole picture, every eighth of the others. */
async function comparePreprocessing(
  folder: string,
  index: Index,
  recorded: WeightSource,
  preprocessing: CLIPPreprocessing,
): Promise<SetResult[]> {
  const bytes = new Tally('safety/cropped', 0)
  const pixels = new Tally('safety/pixels', 1e-5)
  for (const { index: i, file, mean } of index.preprocess) {
    const there = await openPicture(join(folder, file.replace('images/', 'preprocessed_u8/')))
    const ours = scaledAndCropped(await openPicture(join(folder, file)), preprocessing)
    bytes.add(file, { uint8: [maxDifference(ours.data, there.data), 0] })
    const { data, shape } = clipPixels(there, preprocessing)
    const [, height, width] = shape as [number, number, number]
    const sampled = data.filter((_, at) => at % 8 === 0 && (Math.floor(at / width) % height) % 8 === 0)
    const key = `pixel_values_stride8/${numbered(i)}`
    const whole = `pixel_values_full/${numbered(i)}`
    pixels.add(file, {
      pixels: [maxDifference(sampled, await values<Float32Array>(recorded, key)), 1e-5],
      mean: [Math.abs(data.reduce((sum, x) => sum + x, 0) / data.length - mean), 1e-5],
      ...(recorded.has(whole) && {
        whole: [maxDifference(data, await values<Float32Array>(recorded, whole)), 1e-5] as const,
      }),
    })
  }
  return [bytes.result(), pixels.result()]
}

/** Every recorded state of the vision tower. */
async function compareTower(
  folder: string,
  index: Index,
  recorded: WeightSource,
  preprocessing: CLIPPreprocessing,
): Promise<SetResult> {
  const tally = new Tally('safety/tower', embeddingTolerance)
  const config = parseSafetyCheckerConfig(await json(join(folder, 'safety_checker/config.json')))
  const weights = await openCheckpoint(join(folder, 'safety_checker'))
  const { vision } = await buildSafetyCheckerGraph({ weights, config, intermediates: true })
  const session = await onnxruntimeNode().createSession(vision)
  await weights.close()
  for (const [row, { file, index: i }] of index.checker.entries()) {
    const { data, shape } = clipPixels(await openPicture(join(folder, file)), preprocessing)
    const outputs = await session.run({ pixel_values: tensor('float32', data, [1, ...shape]) })
    const compared = async (output: string, key: string, of: number) => {
      const ours = toFloat32(outputs[output]!)
      const all = await values<Float32Array>(recorded, key)
      const theirs = all.subarray(of * ours.length, (of + 1) * ours.length)
      return [maxDifference(ours, theirs), embeddingTolerance] as const
    }
    tally.add(file, {
      pooled: await compared('pooled', 'clip/pooled', row),
      image_embeds: await compared('image_embeds', 'clip/image_embeds', row),
      ...(i === 0 && { last_hidden_state: await compared('last_hidden_state', 'clip/last_hidden_state_img0', 0) }),
    })
  }
  await session.dispose()
  return tally.result()
}

/** Cosines, scores and flags from the picture itself, and whether the original made it black. */
async function compareChecker(
  folder: string,
  weights: string,
  index: Index,
  recorded: WeightSource,
): Promise<SetResult> {
  const tally = new Tally(`safety/${weights} checker`, scoreTolerance)
  const at = join(folder, 'safety_checker')
  const checker = await loadStableDiffusionSafetyChecker(at, { weights: join(at, weights) })
  const conceptCosines = await values<Float32Array>(recorded, 'clip/concept_cos')
  const specialCosines = await values<Float32Array>(recorded, 'clip/special_cos')
  for (const [row, there] of index.checker.entries()) {
    const image = await openPicture(join(folder, there.file))
    const ours = await checker.analyze(image)
    const { decision } = await checker.check(image)
    const ofRow = (all: Float32Array, count: number) => all.subarray(row * count, (row + 1) * count)
    tally.add(there.file, {
      concept_cos: [
        maxDifference(ours.conceptCosines, ofRow(conceptCosines, ours.conceptCosines.length)),
        embeddingTolerance,
      ],
      special_cos: [
        maxDifference(ours.specialCareCosines, ofRow(specialCosines, ours.specialCareCosines.length)),
        embeddingTolerance,
      ],
      special_scores: [maxDifference(ours.specialCare, there.special_scores), scoreTolerance],
      special_care: [maxDifference(ours.specialCareHits, there.special_care), 0],
      adjustment: [Math.abs(ours.adjustment - there.adjustment), 0],
      concept_scores: [maxDifference(ours.concepts, there.concept_scores), scoreTolerance],
      bad_concepts: [maxDifference(ours.conceptHits, there.bad_concepts), 0],
      has_nsfw: [Math.abs(Number(ours.flagged) - Number(there.has_nsfw)), 0],
      result_is_black: [Math.abs(Number(decision === 'block') - Number(there.result_is_black)), 0],
    })
  }
  await checker.dispose()
  return tally.result()
}

/** Everything about pictures under `safety/`, from every form of the checkpoint. */
export async function compareSafetyPictures(folder: string): Promise<SetResult[]> {
  const index = (await json(join(folder, 'safety_index.json'))) as Index
  const preprocessing = parseCLIPPreprocessing(await json(join(folder, 'feature_extractor/preprocessor_config.json')))
  const recorded = await openCheckpoint(join(folder, 'clip_cases.safetensors'))
  const results = await comparePreprocessing(folder, index, recorded, preprocessing)
  results.push(await compareTower(folder, index, recorded, preprocessing))
  for (const weights of (await readdir(join(folder, 'safety_checker')))
    .filter(f => /\.(bin|safetensors)$/.test(f))
    .sort())
    results.push(await compareChecker(folder, weights, index, recorded))
  await recorded.close()
  return results
}
