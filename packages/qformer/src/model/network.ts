import { type GraphBuilder, Linear, Module, Parameter, type Value } from '@viscpm/core/graph'
import { checkQFormerConfig, type QFormerConfig } from '../config.js'
import { Encoder } from './encoder.js'
import { joined } from './multiway.js'
import { observer } from './observe.js'

/** Patches by convolution, the class token before them. pixels: [batch, 3, side, side] -> [batch, patches + 1, dim]. */
class VisionEmbedding extends Module {
  readonly cls_token: Parameter
  readonly proj: { readonly weight: Parameter; readonly bias: Parameter }
  readonly #config: QFormerConfig

  constructor(config: QFormerConfig) {
    super()
    const { dim, patchSize } = config
    this.#config = config
    this.cls_token = new Parameter(1, 1, dim)
    this.proj = { weight: new Parameter(dim, 3, patchSize, patchSize), bias: new Parameter(dim) }
  }

  build(g: GraphBuilder, pixels: Value, batch: Value): Value {
    const { dim, patchSize } = this.#config
    const side = [patchSize, patchSize]
    const patches = g.op('Conv', [pixels, g.parameter(this.proj.weight), g.parameter(this.proj.bias)], {
      attributes: { kernel_shape: side, strides: side },
    }) // [batch, dim, rows, columns]
    const tokens = g.transpose(g.reshape(patches, 0, dim, -1), [0, 2, 1])
    return g.concat([repeated(g, g.parameter(this.cls_token), batch), tokens], 1)
  }
}

/** x: [1, rows, dim] -> [batch, rows, dim]. */
function repeated(g: GraphBuilder, x: Value, batch: Value): Value {
  return g.op('Expand', [x, g.concat([batch, g.ints(1, 1)], 0)])
}

class BEiT3 extends Module {
  readonly vision_embed: VisionEmbedding
  readonly encoder: Encoder

  constructor(config: QFormerConfig) {
    super()
    this.vision_embed = new VisionEmbedding(config)
    this.encoder = new Encoder(config)
  }
}

export interface QFormerGraphOptions {
  /** Run the tower on the picture alone and output `encoder_out`. Default false. */
  readonly withoutQueries?: boolean
  /** Also output every intermediate (for comparisons). Default false. */
  readonly intermediates?: boolean
}

/** VisCPM's vision part: fields are the checkpoint's keys. Source: VisCPM, VLU_CPMBee; BEiT-3 (arXiv 2208.10442). */
export class QFormerNetwork extends Module {
  readonly query: Parameter
  readonly vpm: { readonly beit3: BEiT3 }
  readonly mapping: { readonly 0: Linear; readonly 2: Linear }
  readonly #config: QFormerConfig

  constructor(config: QFormerConfig) {
    super()
    const { dim, dimModel, queryNum } = checkQFormerConfig(config)
    this.#config = config
    this.query = new Parameter(queryNum, dim)
    this.vpm = { beit3: new BEiT3(config) }
    this.mapping = { 0: new Linear(dim, dimModel), 2: new Linear(dimModel, dimModel) }
  }

  /**
   * Declares the graph's inputs and outputs, all float32:
   * - `pixel_values` [batch, 3, imageSize, imageSize]
   * - out: `vision_hidden_states` [batch, queryNum, dimModel], or without queries `encoder_out` [batch, patches + 1, dim]
   * - intermediates: `vision_embed`, `encoder_embedding`, `position_embedding`, `layer_i`, `layer_i.attn_out`,
   *   `layer_i.attn_weights` [heads, batch, tokens, tokens], `layer_i.ffn_out`, `encoder_out` (all tokens), `result`
   *   (queries only), `mapping_0`, `mapping_1_gelu`
   */
  build(g: GraphBuilder, { withoutQueries = false, intermediates = false }: QFormerGraphOptions = {}): void {
    const { imageSize, dim, queryNum, dimModel } = this.#config
    const { vision_embed, encoder } = this.vpm.beit3
    const observe = observer(g, intermediates)
    const pixels = g.input('pixel_values', 'float32', ['batch', 3, imageSize, imageSize])
    const batch = g.shape(pixels, 0, 1)
    const A = vision_embed.build(g, pixels, batch)
    observe('vision_embed', ['batch', 'tokens', dim], () => A)
    const B = withoutQueries ? undefined : repeated(g, g.unsqueeze(g.parameter(this.query), 0), batch)
    const encoded = encoder.build(g, { A, B }, !withoutQueries && !intermediates, observe)
    observer(g, intermediates || withoutQueries)('encoder_out', ['batch', 'tokens', dim], () => joined(g, encoded))
    if (!encoded.B) return

    observe('result', ['batch', queryNum, dim], () => encoded.B!)
    const wide = this.mapping[0].build(g, encoded.B) // [batch, queryNum, dimModel]
    const active = g.gelu(wide)
    observe('mapping_0', ['batch', queryNum, dimModel], () => wide)
    observe('mapping_1_gelu', ['batch', queryNum, dimModel], () => active)
    g.output('vision_hidden_states', this.mapping[2].build(g, active), 'float32', ['batch', queryNum, dimModel])
  }
}
