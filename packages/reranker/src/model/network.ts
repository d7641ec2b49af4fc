import { type GraphBuilder, Linear, Module, Parameter } from '@viscpm/core/graph'
import { BertModel, CLIPVisionTransformer, firstToken } from '@viscpm/core/transformers'
import { type ChineseCLIPConfig, checkChineseCLIPConfig } from '../config.js'

export interface ChineseCLIPGraphOptions {
  /** Also output the towers' last states (for comparisons). Default false. */
  readonly intermediates?: boolean
}

/** Both towers and their projections: fields are the checkpoint's keys. Source: Chinese-CLIP (arXiv 2211.01335). */
export class ChineseCLIPNetwork extends Module {
  /** Logarithm of what cosines are multiplied by. */
  readonly logit_scale: Parameter
  readonly text_model: BertModel
  readonly vision_model: CLIPVisionTransformer
  readonly visual_projection: Linear
  readonly text_projection: Linear
  readonly #config: ChineseCLIPConfig

  constructor(config: ChineseCLIPConfig) {
    super()
    this.#config = checkChineseCLIPConfig(config)
    const { text, vision, projectionDim } = config
    this.logit_scale = new Parameter()
    this.text_model = new BertModel(text)
    this.vision_model = new CLIPVisionTransformer(vision)
    this.visual_projection = new Linear(vision.dim, projectionDim, { bias: false })
    this.text_projection = new Linear(text.dim, projectionDim, { bias: false })
  }

  /**
   * Declares the prompts' graph:
   * - `input_ids` int64 and `attention_mask` int32, [batch, tokens]; mask 0 marks padding
   * - out: `text_features` float32 [batch, projectionDim], not normalised
   * - intermediates: `text_last_hidden` [batch, tokens, dim]
   */
  buildText(g: GraphBuilder, { intermediates = false }: ChineseCLIPGraphOptions = {}): void {
    const { text, projectionDim } = this.#config
    const ids = g.input('input_ids', 'int64', ['batch', 'tokens'])
    const mask = g.input('attention_mask', 'int32', ['batch', 'tokens'])
    const states = this.text_model.build(g, ids, mask, intermediates)
    if (intermediates) g.output('text_last_hidden', states, 'float32', ['batch', 'tokens', text.dim])
    const first = g.reshape(intermediates ? firstToken(g, states) : states, 0, text.dim)
    g.output('text_features', this.text_projection.build(g, first), 'float32', ['batch', projectionDim])
  }

  /**
   * Declares the pictures' graph:
   * - `pixel_values` float32 [batch, 3, imageSize, imageSize]
   * - out: `image_features` float32 [batch, projectionDim], not normalised
   * - intermediates: `vision_last_hidden` [batch, patches + 1, dim], `vision_pooled` [batch, dim]
   */
  buildVision(g: GraphBuilder, { intermediates = false }: ChineseCLIPGraphOptions = {}): void {
    const { vision, projectionDim } = this.#config
    const { dim, imageSize } = vision
    const pixels = g.input('pixel_values', 'float32', ['batch', 3, imageSize, imageSize])
    const states = this.vision_model.build(g, pixels, intermediates)
    if (intermediates) g.output('vision_last_hidden', states, 'float32', ['batch', 'tokens', dim])
    const first = g.reshape(intermediates ? firstToken(g, states) : states, 0, dim)
    const pooled = this.vision_model.post_layernorm.build(g, first)
    if (intermediates) g.output('vision_pooled', pooled, 'float32', ['batch', dim])
    g.output('image_features', this.visual_projection.build(g, pooled), 'float32', ['batch', projectionDim])
  }
}
