import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Image, int32, type Tensor, toFloat32, type WeightSource } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint, sharpCodec } from '@viscpm/core/node'
import {
  BertTokenizer,
  buildChineseCLIPGraphs,
  type ImagePreprocessing,
  parseChineseCLIPConfig,
  parsePreprocessorConfig,
  parseTokenizerConfig,
  preprocess,
  squashed,
} from '@viscpm/reranker'
import { loadChineseCLIP } from '@viscpm/reranker/node'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { compareRerankerKeys } from './reranker-keys.js'
import { maxDifference, values } from './tensors.js'

const embeddingTolerance = 1e-4
const scoreTolerance = 5e-3

interface Index {
  readonly preprocess: readonly { readonly index: number; readonly file: string }[]
  readonly sets: readonly {
    readonly index: number
    readonly prompt: string
    readonly images: readonly string[]
    readonly scores: readonly number[]
    readonly chosen: number
  }[]
  readonly multi: { readonly texts: readonly string[]; readonly images: readonly string[] }
}

const json = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'))
const numbered = (n: number): string => String(n).padStart(2, '0')

async function openPicture(file: string): Promise<Image> {
  return sharpCodec().decode(await readFile(file), { applyOrientation: false })
}

async function compareTokens(
  folder: string,
  index: Index,
  recorded: WeightSource,
  tokenizer: BertTokenizer,
): Promise<SetResult> {
  const tally = new Tally('reranker/tokens', 0)
  for (const line of (await readFile(join(folder, 'tokenizer.jsonl'), 'utf8')).split('\n')) {
    if (line === '') continue
    const { text, input_ids } = JSON.parse(line) as { text: string; input_ids: number[] }
    tally.add(JSON.stringify(text), { ids: [maxDifference(tokenizer.encode(text), input_ids), 0] })
  }
  for (const { index: i, prompt, images } of index.sets) {
    const at = `set${numbered(i)}`
    const repeated = images.flatMap(() => tokenizer.encode(prompt))
    tally.add(at, { ids: [maxDifference(repeated, await values<BigInt64Array>(recorded, `${at}/input_ids`)), 0] })
  }
  return tally.result()
}

/** The squashed bytes, and from the recorded ones every eighth normalised pixel. */
async function comparePreprocessing(
  folder: string,
  index: Index,
  recorded: WeightSource,
  preprocessing: ImagePreprocessing,
): Promise<SetResult[]> {
  const bytes = new Tally('reranker/squashed', 0)
  const pixels = new Tally('reranker/pixels', 1e-5)
  for (const { index: i, file } of index.preprocess) {
    const squashedThere = await openPicture(join(folder, file.replace('images/', 'preprocessed_u8/')))
    const ours = squashed(await openPicture(join(folder, file)), preprocessing)
    bytes.add(file, { uint8: [maxDifference(ours.data, squashedThere.data), 0] })
    const { data, shape } = preprocess(squashedThere, preprocessing)
    const [, height, width] = shape as [number, number, number]
    const sampled = data.filter((_, at) => at % 8 === 0 && (Math.floor(at / width) % height) % 8 === 0)
    const key = `pixel_values_stride8/${numbered(i)}`
    pixels.add(file, { pixels: [maxDifference(sampled, await values<Float32Array>(recorded, key)), 1e-5] })
  }
  return [bytes.result(), pixels.result()]
}

/** Prompt and four pictures: embeddings, scores, and which picture is chosen. */
async function compareSets(
  folder: string,
  weights: string,
  index: Index,
  recorded: WeightSource,
): Promise<SetResult[]> {
  const name = `reranker/${weights}`
  const embeddings = new Tally(`${name} embeddings`, embeddingTolerance)
  const scoring = new Tally(`${name} scores`, scoreTolerance)
  const clip = await loadChineseCLIP(join(folder, 'model'), { weights: join(folder, 'model', weights) })
  for (const { index: i, prompt, images: files, scores, chosen } of index.sets) {
    const at = `set${numbered(i)}`
    const images = await Promise.all(files.map(file => openPicture(join(folder, file))))
    const there = (key: string) => values<Float32Array>(recorded, `${at}/${key}`)
    const text = await clip.embedText(images.map(() => prompt))
    const pictures = await clip.embedImages(images)
    embeddings.add(at, {
      text_embeds: [maxDifference(text.data, await there('text_embeds')), embeddingTolerance],
      image_embeds: [maxDifference(pictures.data, await there('image_embeds')), embeddingTolerance],
    })
    const { index: best, scores: ours } = await clip.best(prompt, images)
    const logits = await there('logits_per_image') // [4, 4], of which upstream uses the diagonal
    scoring.add(at, {
      scores: [maxDifference(ours, scores), scoreTolerance],
      logits: [
        maxDifference(
          ours,
          logits.filter((_, k) => k % (images.length + 1) === 0),
        ),
        scoreTolerance,
      ],
      chosen: [Math.abs(best - chosen), 0],
    })
  }
  const { texts, images: files } = index.multi
  const images = await Promise.all(files.map(file => openPicture(join(folder, file))))
  const columns = await Promise.all(texts.map(text => clip.score(text, images)))
  const logits = await values<Float32Array>(recorded, 'multi/logits_per_image') // [images, texts]
  const ours = images.flatMap((_, row) => columns.map(column => column[row]!))
  scoring.add('multi', { logits: [maxDifference(ours, logits), scoreTolerance] })
  await clip.dispose()
  return [embeddings.result(), scoring.result()]
}

/** Three pictures and six prompts of different length, padded as they were: every recorded state of both towers. */
async function compareTowers(
  folder: string,
  index: Index,
  recorded: WeightSource,
  preprocessing: ImagePreprocessing,
): Promise<SetResult> {
  const tally = new Tally('reranker/towers', embeddingTolerance)
  const config = parseChineseCLIPConfig(await json(join(folder, 'model/config.json')))
  const weights = await openCheckpoint(join(folder, 'model'))
  const graphs = await buildChineseCLIPGraphs({ weights, config, intermediates: true })
  const text = await onnxruntimeNode().createSession(graphs.text)
  const vision = await onnxruntimeNode().createSession(graphs.vision)
  await weights.close()

  const ids = await recorded.read('multi/input_ids')
  const mask = int32(toFloat32(await recorded.read('multi/attention_mask')), ids.shape)
  const images = await Promise.all(index.multi.images.map(file => openPicture(join(folder, file))))
  const pixels = images.map(image => preprocess(image, preprocessing))
  const size = pixels[0]!.data.length
  const data = new Float32Array(images.length * size)
  pixels.forEach((p, i) => {
    data.set(p.data, i * size)
  })
  const outputs: Record<string, Tensor> = {
    ...(await text.run({ input_ids: ids, attention_mask: mask })),
    ...(await vision.run({
      pixel_values: { dtype: 'float32', shape: [images.length, ...pixels[0]!.shape], data },
    })),
  }
  for (const [name, output] of Object.entries(outputs))
    tally.add(name, {
      [name]: [
        maxDifference(toFloat32(output), await values<Float32Array>(recorded, `multi/${name}`)),
        embeddingTolerance,
      ],
    })
  await Promise.all([text.dispose(), vision.dispose()])
  return tally.result()
}

/** Everything under `reranker/`, from every form of its checkpoint, and the published model's list of keys. */
export async function runReranker(goldens: string): Promise<SetResult[]> {
  const folder = join(goldens, 'reranker')
  const index = (await json(join(folder, 'index.json'))) as Index
  const tokenizer = BertTokenizer.fromVocabulary(
    await readFile(join(folder, 'model/vocab.txt')),
    parseTokenizerConfig(await json(join(folder, 'model/tokenizer_config.json'))),
  )
  const preprocessing = parsePreprocessorConfig(await json(join(folder, 'model/preprocessor_config.json')))
  const recorded = await openCheckpoint(join(folder, 'cases.safetensors'))
  const results = [await compareTokens(folder, index, recorded, tokenizer)]
  results.push(...(await comparePreprocessing(folder, index, recorded, preprocessing)))
  results.push(await compareTowers(folder, index, recorded, preprocessing))
  const whole = /^(?!.*-of-).*\.(bin|safetensors|safetensors\.index\.json)$/
  for (const weights of (await readdir(join(folder, 'model'))).filter(f => whole.test(f)).sort())
    results.push(...(await compareSets(folder, weights, index, recorded)))
  await recorded.close()
  results.push(await compareRerankerKeys(join(goldens, 'full-size/chinese_clip')))
  return results
}
