import type { GraphBuilder, Value } from '../graph/builder.js'
import { LayerNorm, Linear } from '../graph/linear.js'
import { Module, Parameter } from '../graph/module.js'
import { activated, allTokens, attention, firstToken, type Wanted } from './layers.js'
import { pictureTokens, type VisionTowerConfig } from './towers.js'

/** Class token, patches by convolution, positions. pixels: [batch, 3, side, side] -> [batch, patches + 1, dim]. */
class CLIPVisionEmbeddings extends Module {
  readonly class_embedding: Parameter
  readonly patch_embedding: { readonly weight: Parameter }
  readonly position_embedding: { readonly weight: Parameter }
  readonly #config: VisionTowerConfig

  constructor(config: VisionTowerConfig) {
    super()
    this.#config = config
    const { dim, patchSize } = config
    this.class_embedding = new Parameter(dim)
    this.patch_embedding = { weight: new Parameter(dim, 3, patchSize, patchSize) }
    this.position_embedding = { weight: new Parameter(pictureTokens(config), dim) }
  }

  build(g: GraphBuilder, pixels: Value): Value {
    const { dim, patchSize } = this.#config
    const side = [patchSize, patchSize]
    const patches = g.op('Conv', [pixels, g.parameter(this.patch_embedding.weight)], {
      attributes: { kernel_shape: side, strides: side },
    }) // [batch, dim, rows, columns]
    const tokens = g.transpose(g.reshape(patches, 0, dim, -1), [0, 2, 1])
    const batch = g.shape(pixels, 0, 1)
    const first = g.op('Expand', [g.parameter(this.class_embedding), g.concat([batch, g.ints(1, dim)], 0)])
    return g.add(g.concat([first, tokens], 1), g.parameter(this.position_embedding.weight))
  }
}

/** Attention and feed-forward, normed before each. x: [batch, tokens, dim] -> the wanted rows. Source: CLIP. */
class CLIPEncoderLayer extends Module {
  readonly self_attn: {
    readonly k_proj: Linear
    readonly v_proj: Linear
    readonly q_proj: Linear
    readonly out_proj: Linear
  }
  readonly layer_norm1: LayerNorm
  readonly mlp: { readonly fc1: Linear; readonly fc2: Linear }
  readonly layer_norm2: LayerNorm
  readonly #config: VisionTowerConfig

  constructor(config: VisionTowerConfig) {
    super()
    this.#config = config
    const { dim, dimFF, layerNormEps } = config
    const square = () => new Linear(dim, dim)
    this.self_attn = { k_proj: square(), v_proj: square(), q_proj: square(), out_proj: square() }
    this.layer_norm1 = new LayerNorm(dim, layerNormEps)
    this.mlp = { fc1: new Linear(dim, dimFF), fc2: new Linear(dimFF, dim) }
    this.layer_norm2 = new LayerNorm(dim, layerNormEps)
  }

  build(g: GraphBuilder, x: Value, wanted: Wanted): Value {
    const { q_proj, k_proj, v_proj, out_proj } = this.self_attn
    const normed = this.layer_norm1.build(g, x)
    const qkv = [q_proj.build(g, wanted(g, normed)), k_proj.build(g, normed), v_proj.build(g, normed)] as const
    const attended = g.add(wanted(g, x), out_proj.build(g, attention(g, qkv, this.#config)))
    const inner = this.mlp.fc1.build(g, this.layer_norm2.build(g, attended))
    return g.add(attended, this.mlp.fc2.build(g, activated(g, inner, this.#config.activation)))
  }
}

/** CLIP's ViT; fields are the checkpoint's keys. Source: CLIP (arXiv 2103.00020). */
export class CLIPVisionTransformer extends Module {
  readonly embeddings: CLIPVisionEmbeddings
  readonly pre_layrnorm: LayerNorm // the checkpoint's spelling
  readonly encoder: { readonly layers: readonly CLIPEncoderLayer[] }
  readonly post_layernorm: LayerNorm

  constructor(config: VisionTowerConfig) {
    super()
    this.embeddings = new CLIPVisionEmbeddings(config)
    this.pre_layrnorm = new LayerNorm(config.dim, config.layerNormEps)
    this.encoder = { layers: Array.from({ length: config.numLayers }, () => new CLIPEncoderLayer(config)) }
    this.post_layernorm = new LayerNorm(config.dim, config.layerNormEps)
  }

  /**
   * The state of the class token before `post_layernorm`. pixels: [batch, 3, side, side] -> [batch, 1, dim]; with `every`
   * token: [batch, patches + 1, dim].
   */
  build(g: GraphBuilder, pixels: Value, every: boolean): Value {
    const { layers } = this.encoder
    let x = this.pre_layrnorm.build(g, this.embeddings.build(g, pixels))
    layers.forEach((layer, i) => {
      x = layer.build(g, x, every || i < layers.length - 1 ? allTokens : firstToken)
    })
    return x
  }
}
