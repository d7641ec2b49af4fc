import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Image, type Session, type SessionOptions, type Tensor, tensor } from '@viscpm/core'
import { bindWeights, GraphBuilder } from '@viscpm/core/graph'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { CLIPVisionTransformer, type VisionTowerConfig } from '@viscpm/core/transformers'
import { parseChineseCLIPConfig } from '../config.js'
import { type ImagePreprocessing, parsePreprocessorConfig, preprocess } from '../preprocessing.js'

/** Of one picture, as `PictureFeatures` sees it: for each layer [tokens, dim], every row of length 1. */
export type LayerFeatures = readonly Float32Array[]

/** What a Chinese-CLIP's picture tower sees after each of its layers. */
export class PictureFeatures {
  private constructor(
    private readonly config: VisionTowerConfig,
    private readonly preprocessing: ImagePreprocessing,
    private readonly layers: readonly Session[],
  ) {}

  /** @param folder of a Chinese-CLIP, as transformers writes it */
  static async load(folder: string, { threads }: Pick<SessionOptions, 'threads'> = {}): Promise<PictureFeatures> {
    const json = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown
    const { vision } = parseChineseCLIPConfig(await json('config.json'))
    const weights = await openCheckpoint(folder)
    const layers: Session[] = []
    for (let numLayers = 1; numLayers <= vision.numLayers; numLayers++) {
      const tower = new CLIPVisionTransformer({ ...vision, numLayers })
      const ignored = [{ pattern: /./, reason: 'a later layer' }]
      bindWeights(tower, weights, { prefix: 'vision_model.', ignored })
      const g = new GraphBuilder(`picture features ${numLayers}`)
      const { imageSize, dim } = vision
      const pixels = g.input('pixel_values', 'float32', ['batch', 3, imageSize, imageSize])
      g.output('states', tower.build(g, pixels, true), 'float32', ['batch', 'tokens', dim])
      layers.push(await onnxruntimeNode().createSession(await g.finish(), threads === undefined ? {} : { threads }))
    }
    await weights.close()
    return new PictureFeatures(vision, parsePreprocessorConfig(await json('preprocessor_config.json')), layers)
  }

  /** Of a row. */
  get width(): number {
    return this.config.dim
  }

  async of(image: Image): Promise<LayerFeatures> {
    const { imageSize, dim } = this.config
    const { data } = preprocess(image, this.preprocessing)
    const pixel_values: Tensor = tensor('float32', data, [1, 3, imageSize, imageSize])
    const features: Float32Array[] = []
    for (const layer of this.layers) {
      const { states } = await layer.run({ pixel_values })
      features.push(unitRows(states!.data as Float32Array, dim))
    }
    return features
  }

  async dispose(): Promise<void> {
    for (const layer of this.layers) await layer.dispose()
  }
}

/** Each run of `dim` values scaled to length 1. */
export function unitRows(values: Float32Array, dim: number): Float32Array {
  const out = values.slice()
  for (let row = 0; row < out.length; row += dim) {
    let sum = 0
    for (let i = row; i < row + dim; i++) sum += out[i]! ** 2
    const length = Math.sqrt(sum) || 1
    for (let i = row; i < row + dim; i++) out[i] = out[i]! / length
  }
  return out
}

/**
 * How different two pictures look to the tower: 1 - cosine of the states at the same place, averaged over places and layers. The
 * idea is LPIPS' (arXiv 1801.03924), without its learnt weights.
 */
export function featureDistance(a: LayerFeatures, b: LayerFeatures, dim: number): number {
  let total = 0
  for (const [layer, x] of a.entries()) {
    const y = b[layer]!
    let dots = 0
    for (let i = 0; i < x.length; i++) dots += x[i]! * y[i]!
    total += 1 - dots / (x.length / dim)
  }
  return total / a.length
}
