import { type GraphBuilder, Linear, Module, type Value } from '@viscpm/core/graph'
import { BertModel, type TextTowerConfig } from '@viscpm/core/transformers'
import { type BertClassifierConfig, checkBertClassifierConfig } from './config.js'

/** BERT whose [CLS] state goes through one more layer. Source: BERT (arXiv 1810.04805). */
class PooledBertModel extends BertModel {
  readonly pooler: { readonly dense: Linear }

  constructor(config: TextTowerConfig) {
    super(config)
    this.pooler = { dense: new Linear(config.dim, config.dim) }
  }

  /** ids: int64 [batch, tokens], all of one length -> [batch, 1, dim]. */
  pooled(g: GraphBuilder, ids: Value): Value {
    return g.op('Tanh', [this.pooler.dense.build(g, this.build(g, ids, undefined, false))])
  }
}

/** Fields are the checkpoint's keys. Source: transformers, BertForSequenceClassification. */
export class BertClassifierNetwork extends Module {
  readonly bert: PooledBertModel
  readonly classifier: Linear
  readonly #config: BertClassifierConfig

  constructor(config: BertClassifierConfig) {
    super()
    this.#config = checkBertClassifierConfig(config)
    this.bert = new PooledBertModel(config.text)
    this.classifier = new Linear(config.text.dim, config.labels.length)
  }

  /**
   * Declares the graph:
   * - `input_ids` int64 [batch, tokens], one segment without padding
   * - out: `logits` float32 [batch, labels]
   */
  build(g: GraphBuilder): void {
    const { text, labels } = this.#config
    const ids = g.input('input_ids', 'int64', ['batch', 'tokens'])
    const pooled = g.reshape(this.bert.pooled(g, ids), 0, text.dim)
    g.output('logits', this.classifier.build(g, pooled), 'float32', ['batch', labels.length])
  }
}
