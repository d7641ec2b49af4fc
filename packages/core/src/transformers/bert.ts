import type { GraphBuilder, Value } from '../graph/builder.js'
import { LayerNorm, Linear } from '../graph/linear.js'
import { Module, Parameter } from '../graph/module.js'
import { activated, allTokens, attention, firstToken, type Wanted } from './layers.js'
import type { TextTowerConfig } from './towers.js'

/** Word, position and type of each token, summed and normed. ids: int64 [batch, tokens] -> [batch, tokens, dim]. */
class BertEmbeddings extends Module {
  readonly word_embeddings: { readonly weight: Parameter }
  readonly position_embeddings: { readonly weight: Parameter }
  readonly token_type_embeddings: { readonly weight: Parameter }
  readonly LayerNorm: LayerNorm

  constructor({ vocabSize, maxTokens, tokenTypes, dim, layerNormEps }: TextTowerConfig) {
    super()
    this.word_embeddings = { weight: new Parameter(vocabSize, dim) }
    this.position_embeddings = { weight: new Parameter(maxTokens, dim) }
    this.token_type_embeddings = { weight: new Parameter(tokenTypes, dim) }
    this.LayerNorm = new LayerNorm(dim, layerNormEps)
  }

  build(g: GraphBuilder, ids: Value): Value {
    const words = g.gatherRows(this.word_embeddings.weight, ids)
    const table = g.parameter(this.position_embeddings.weight)
    const positions = g.op('Slice', [table, g.ints(0), g.shape(ids, 1, 2), g.ints(0)]) // [tokens, dim]
    const type = g.slice(g.parameter(this.token_type_embeddings.weight), 0, 1, 0) // [1, dim]: a text is one segment
    return this.LayerNorm.build(g, g.add(g.add(words, type), positions))
  }
}

/** Attention and feed-forward, normed after each. x: [batch, tokens, dim] -> the wanted rows. Source: BERT, 3. */
class BertLayer extends Module {
  readonly attention: {
    readonly self: { readonly query: Linear; readonly key: Linear; readonly value: Linear }
    readonly output: { readonly dense: Linear; readonly LayerNorm: LayerNorm }
  }
  readonly intermediate: { readonly dense: Linear }
  readonly output: { readonly dense: Linear; readonly LayerNorm: LayerNorm }
  readonly #config: TextTowerConfig

  constructor(config: TextTowerConfig) {
    super()
    this.#config = config
    const { dim, dimFF, layerNormEps } = config
    const square = () => new Linear(dim, dim)
    const norm = () => new LayerNorm(dim, layerNormEps)
    this.attention = {
      self: { query: square(), key: square(), value: square() },
      output: { dense: square(), LayerNorm: norm() },
    }
    this.intermediate = { dense: new Linear(dim, dimFF) }
    this.output = { dense: new Linear(dimFF, dim), LayerNorm: norm() }
  }

  build(g: GraphBuilder, x: Value, mask: Value | undefined, wanted: Wanted): Value {
    const { self, output } = this.attention
    const asking = wanted(g, x)
    const qkv = [self.query.build(g, asking), self.key.build(g, x), self.value.build(g, x)] as const
    const context = attention(g, qkv, this.#config, mask)
    const attended = output.LayerNorm.build(g, g.add(output.dense.build(g, context), asking))
    const inner = activated(g, this.intermediate.dense.build(g, attended), this.#config.activation)
    return this.output.LayerNorm.build(g, g.add(this.output.dense.build(g, inner), attended))
  }
}

/** BERT without pooler; fields are the checkpoint's keys. Source: BERT (arXiv 1810.04805). */
export class BertModel extends Module {
  readonly embeddings: BertEmbeddings
  readonly encoder: { readonly layer: readonly BertLayer[] }

  constructor(config: TextTowerConfig) {
    super()
    this.embeddings = new BertEmbeddings(config)
    this.encoder = { layer: Array.from({ length: config.numLayers }, () => new BertLayer(config)) }
  }

  /**
   * The state of the [CLS] token. ids: int64 [batch, tokens], mask: int32 [batch, tokens] where 0 hides padding (none:
   * every token is there) -> [batch, 1, dim]; with `every` token: [batch, tokens, dim].
   */
  build(g: GraphBuilder, ids: Value, mask: Value | undefined, every: boolean): Value {
    const { layer } = this.encoder
    let x = this.embeddings.build(g, ids)
    layer.forEach((block, i) => {
      x = block.build(g, x, mask, every || i < layer.length - 1 ? allTokens : firstToken)
    })
    return x
  }
}
