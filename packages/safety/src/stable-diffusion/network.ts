import { type GraphBuilder, Linear, Module, Parameter } from '@viscpm/core/graph'
import { CLIPVisionTransformer, firstToken } from '@viscpm/core/transformers'
import { checkSafetyCheckerConfig, type SafetyCheckerConfig } from './config.js'

export interface SafetyCheckerGraphOptions {
  /** Also output the tower's last states (for comparisons). Default false. */
  readonly intermediates?: boolean
}

/** How many concepts a picture is compared with: fixed in the original's code, not in its configuration. */
export const conceptCount = 17
export const specialCareCount = 3

/** Fields are the checkpoint's keys. Source: diffusers 0.15.0, StableDiffusionSafetyChecker. */
export class SafetyCheckerNetwork extends Module {
  readonly vision_model: { readonly vision_model: CLIPVisionTransformer }
  readonly visual_projection: Linear
  readonly concept_embeds: Parameter
  readonly special_care_embeds: Parameter
  /** The concepts' thresholds, whatever their name says. */
  readonly concept_embeds_weights: Parameter
  readonly special_care_embeds_weights: Parameter
  readonly #config: SafetyCheckerConfig

  constructor(config: SafetyCheckerConfig) {
    super()
    this.#config = checkSafetyCheckerConfig(config)
    const { vision, projectionDim } = config
    this.vision_model = { vision_model: new CLIPVisionTransformer(vision) }
    this.visual_projection = new Linear(vision.dim, projectionDim, { bias: false })
    this.concept_embeds = new Parameter(conceptCount, projectionDim)
    this.special_care_embeds = new Parameter(specialCareCount, projectionDim)
    this.concept_embeds_weights = new Parameter(conceptCount)
    this.special_care_embeds_weights = new Parameter(specialCareCount)
  }

  /**
   * Declares the pictures' graph:
   * - `pixel_values` float32 [batch, 3, imageSize, imageSize]
   * - out: `image_embeds` float32 [batch, projectionDim], not normalised
   * - intermediates: `last_hidden_state` [batch, patches + 1, dim], `pooled` [batch, dim]
   */
  build(g: GraphBuilder, { intermediates = false }: SafetyCheckerGraphOptions = {}): void {
    const { vision, projectionDim } = this.#config
    const { dim, imageSize } = vision
    const tower = this.vision_model.vision_model
    const pixels = g.input('pixel_values', 'float32', ['batch', 3, imageSize, imageSize])
    const states = tower.build(g, pixels, intermediates)
    if (intermediates) g.output('last_hidden_state', states, 'float32', ['batch', 'tokens', dim])
    const first = g.reshape(intermediates ? firstToken(g, states) : states, 0, dim)
    const pooled = tower.post_layernorm.build(g, first)
    if (intermediates) g.output('pooled', pooled, 'float32', ['batch', dim])
    g.output('image_embeds', this.visual_projection.build(g, pooled), 'float32', ['batch', projectionDim])
  }
}
