import { float32 } from '@viscpm/core'
import { type GraphBuilder, Module, Parameter, type Value } from '@viscpm/core/graph'
import type { CpmBeeConfig } from '../config.js'
import type { AttentionInput } from './attention.js'
import { TransformerBlock } from './block.js'
import { CacheLayout, type CachePart, type KeyValueDType } from './cache-layout.js'
import { EmbeddingExt } from './embedding.js'
import { RMSNorm } from './scaled-linear.js'

/** Added to masked scores: far below any score, and finite so that a fully masked row is no NaN. */
const masked = -3e38

class BucketPositionBias extends Module {
  readonly relative_attention_bias: Parameter

  constructor({ positionBiasNumBuckets, positionBiasNumSegmentBuckets, numHeads }: CpmBeeConfig) {
    super()
    this.relative_attention_bias = new Parameter(positionBiasNumBuckets + positionBiasNumSegmentBuckets, numHeads)
  }

  /** index: int32 [batch, seq, total] -> [batch, heads, seq, total]. */
  build(g: GraphBuilder, index: Value): Value {
    return g.transpose(g.gather(g.parameter(this.relative_attention_bias), index), [0, 3, 1, 2])
  }
}

class Encoder extends Module {
  readonly layers: readonly TransformerBlock[]
  readonly output_layernorm: RMSNorm

  constructor(config: CpmBeeConfig) {
    super()
    this.layers = Array.from({ length: config.numLayers }, (_, i) => new TransformerBlock(config, i))
    this.output_layernorm = new RMSNorm(config.dimModel, config.eps)
  }
}

/** CPM-Bee: fields are the checkpoint's keys. Source: OpenBMB CPM-Bee, CPMBeeTorch. */
export class CpmBeeNetwork extends Module {
  readonly encoder: Encoder
  readonly input_embedding: EmbeddingExt
  readonly position_bias: BucketPositionBias
  readonly #config: CpmBeeConfig

  constructor(config: CpmBeeConfig) {
    super()
    this.#config = config
    this.encoder = new Encoder(config)
    this.input_embedding = new EmbeddingExt(config)
    this.position_bias = new BucketPositionBias(config)
  }

  /** Numbers of the layers that have attention, hence a cache. */
  get attentionLayers(): readonly number[] {
    return this.encoder.layers.flatMap((layer, i) => (layer.self_att ? [i] : []))
  }

  /** Whether any of the weights are integers in blocks. */
  get quantized(): boolean {
    return [...this.namedParameters().values()].some(({ info }) => info.quantization?.kind === 'block')
  }

  /** The tensors of the cache that the graph reads. @throws InvalidArgumentError for an unknown kind */
  cacheLayout(kind?: KeyValueDType): CacheLayout {
    return new CacheLayout(this.attentionLayers, this.#config, kind)
  }

  /**
   * Declares the graph's inputs and outputs:
   * - `input_ids`, `input_id_subs` int32 [batch, seq]; `embedding_index` int32 [batch, seq]: which row of (the batch's own
   *   embeddings, then `vision_hidden_states` float32 [pictures, dim]) each token takes
   * - `bias_index` int32, `attention_mask` bool [batch, seq, past + seq]
   * - `past_<part>.i`: the cache, as `CacheLayout` of `kvCache` says; float32: `past_key.i`, `past_value.i`
   *   [batch, heads, past, dimHead]
   * - `ext_table_ids`, `ext_table_sub` int32 [ext]; `logit_rows` int32 [rows] of the flattened [batch * seq]
   * - out: `logits` [rows, vocab + ext], `hidden_states` [batch, seq, dim] (after the last norm),
   *   `embedding`, `layer.i` (if asked), `present_<part>.i`: the run's own rows of the cache
   */
  build(g: GraphBuilder, options: { layerOutputs?: boolean; kvCache?: KeyValueDType } = {}): void {
    const { dimModel } = this.#config
    const { parts, kind } = this.cacheLayout(options.kvCache)
    let x = this.embedded(g)
    if (options.layerOutputs) g.output('embedding', x, 'float32', ['batch', 'seq', dimModel])

    const input = this.attentionInput(g)
    this.encoder.layers.forEach((layer, i) => {
      const pastOf = ({ name, dtype, shape }: CachePart) => g.input(`past_${name}.${i}`, dtype, shape('batch', 'past'))
      const past = layer.self_att && { kind, ...Object.fromEntries(parts.map(part => [part.name, pastOf(part)])) }
      const { out, present } = layer.build(g, x, input, past)
      x = out
      if (options.layerOutputs) g.output(`layer.${i}`, x, 'float32', ['batch', 'seq', dimModel])
      if (!present) return
      for (const { name, dtype, shape } of parts)
        g.output(`present_${name}.${i}`, present[name]!, dtype, shape('batch', 'seq'))
    })

    const hidden = this.encoder.output_layernorm.build(g, x)
    g.output('hidden_states', hidden, 'float32', ['batch', 'seq', dimModel])
    const rows = g.gather(g.reshape(hidden, -1, dimModel), g.input('logit_rows', 'int32', ['rows'])) // [rows, dim]
    this.buildLogits(g, rows)
  }

  /**
   * The output head alone: `rows` float32 [rows, dim] of `hidden_states`, `ext_table_ids`, `ext_table_sub` as in `build`;
   * out: `logits` [rows, vocab + ext].
   */
  buildHead(g: GraphBuilder): void {
    this.buildLogits(g, g.input('rows', 'float32', ['rows', this.#config.dimModel]))
  }

  private buildLogits(g: GraphBuilder, rows: Value): void {
    const ids = g.input('ext_table_ids', 'int32', ['ext'])
    const ext = this.input_embedding.build(g, ids, g.input('ext_table_sub', 'int32', ['ext']))
    const logits = this.input_embedding.projection(g, rows, ext)
    g.output('logits', logits, 'float32', ['rows', `${this.#config.vocabSize} + ext`])
  }

  /** What the first layer is given, [batch, seq, dim]; inputs as in `build`. */
  private embedded(g: GraphBuilder): Value {
    const { dimModel } = this.#config
    const ids = g.input('input_ids', 'int32', ['batch', 'seq'])
    const subs = g.input('input_id_subs', 'int32', ['batch', 'seq'])
    const vision = g.input('vision_hidden_states', 'float32', ['pictures', dimModel])
    const index = g.input('embedding_index', 'int32', ['batch', 'seq'])
    const text = g.reshape(this.input_embedding.build(g, ids, subs), -1, dimModel)
    return g.gather(g.concat([text, vision], 0), index)
  }

  /** What the first layer is given alone: out `embedding` float32 [batch, seq, dim]; inputs `input_ids` and those beside it, as in `build`. */
  buildEmbedding(g: GraphBuilder): void {
    g.output('embedding', this.embedded(g), 'float32', ['batch', 'seq', this.#config.dimModel])
  }

  /**
   * A run of layers [from, to) alone, for passes that need each weight once:
   * - from 0: `input_ids`, `input_id_subs`, `embedding_index`, `vision_hidden_states` as in `build`; else `hidden` float32 [batch, seq, dim], what the run of layers
   *   before gave
   * - `bias_index`, `attention_mask` as in `build`; `past_key`, `past_value` float32 [batch, heads, past, dimHead], without
   *   any slot, where a layer has attention
   * - out: `next_hidden`; with the last layer `hidden_states`, after the last norm; both float32 [batch, seq, dim]
   */
  buildLayers(g: GraphBuilder, from: number, to: number): void {
    const { dimModel, numHeads, dimHead, numLayers } = this.#config
    const shape = ['batch', 'seq', dimModel]
    let x = from === 0 ? this.embedded(g) : g.input('hidden', 'float32', shape)
    const input = this.attentionInput(g)
    const layers = this.encoder.layers.slice(from, to)
    const empty = (name: string) => g.input(name, 'float32', ['batch', numHeads, 'past', dimHead])
    const past = layers.some(layer => layer.self_att)
      ? { kind: 'float32' as const, key: empty('past_key'), value: empty('past_value') }
      : undefined
    for (const layer of layers) x = layer.build(g, x, input, past).out
    if (to < numLayers) g.output('next_hidden', x, 'float32', shape)
    else g.output('hidden_states', this.encoder.output_layernorm.build(g, x), 'float32', shape)
  }

  private attentionInput(g: GraphBuilder): AttentionInput {
    const index = g.input('bias_index', 'int32', ['batch', 'seq', 'total'])
    const mask = g.input('attention_mask', 'bool', ['batch', 'seq', 'total'])
    const bias = g.where(g.unsqueeze(mask, 1), this.position_bias.build(g, index), g.constant(float32([masked], [])))
    const anySeen = g.op('ReduceMax', [g.cast(mask, 'float32'), g.ints(-1)], { attributes: { keepdims: 1 } })
    const total = g.shape(mask, 2, 3)
    const seq = g.shape(mask, 1, 2)
    return { bias, rowVisible: g.unsqueeze(anySeen, 1), lengths: g.concat([g.sub(total, seq), seq], 0) }
  }
}
