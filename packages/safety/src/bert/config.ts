import {
  checkTextTower,
  failConfig,
  type JsonObject,
  jsonObject,
  oneOf,
  parseTextTower,
  type TextTowerConfig,
} from '@viscpm/core/transformers'

/** Sizes of a BERT with a classifier on top. */
export interface BertClassifierConfig {
  readonly text: TextTowerConfig
  /** Names of the classes, in the order of the classifier's rows. */
  readonly labels: readonly string[]
}

/** Names by number, as `id2label` has them; two when it is left out. */
function labels(all: JsonObject): readonly string[] {
  if (all.id2label == null) {
    const count = all.num_labels ?? 2
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 2)
      failConfig('num_labels', 'at least two classes are needed', count)
    return Array.from({ length: count }, (_, i) => `LABEL_${i}`)
  }
  const named = jsonObject(all.id2label, 'id2label')
  const names = Object.keys(named).map((_, i) => {
    const name = named[i]
    if (typeof name !== 'string') failConfig(`id2label.${i}`, 'the name of a class is needed', name)
    return name
  })
  if (names.length < 2) failConfig('id2label', 'at least two classes are needed', all.id2label)
  return names
}

/**
 * Reads transformers' `config.json` of a BertForSequenceClassification. A field that is left out has the value that
 * transformers gives it.
 * @throws ConfigError naming the field that is missing, wrong, not supported, or does not fit the others.
 */
export function parseBertClassifierConfig(json: unknown): BertClassifierConfig {
  const all = jsonObject(json, 'config')
  const hint = 'The config.json of a BertForSequenceClassification is needed.'
  oneOf(all.model_type, ['bert'], 'model_type', hint)
  const { architectures } = all
  if (
    architectures != null &&
    !(Array.isArray(architectures) && architectures.includes('BertForSequenceClassification'))
  )
    failConfig('architectures', '["BertForSequenceClassification"] is needed', architectures, hint)
  const single = 'single_label_classification'
  oneOf(all.problem_type ?? single, [single], 'problem_type', 'The classes must exclude one another.')
  oneOf(all.function_to_apply ?? 'softmax', ['softmax'], 'function_to_apply')
  return checkBertClassifierConfig({ text: parseTextTower(all), labels: labels(all) })
}

/** Sizes that are right one by one and wrong together. @throws ConfigError */
export function checkBertClassifierConfig(config: BertClassifierConfig): BertClassifierConfig {
  checkTextTower(config.text)
  if (config.text.maxTokens < 3)
    failConfig('max_position_embeddings', 'must be at least 3: [CLS], a token and [SEP]', config.text.maxTokens)
  if (config.labels.length < 2) failConfig('id2label', 'at least two classes are needed', config.labels)
  if (new Set(config.labels).size < config.labels.length)
    failConfig('id2label', 'every class needs a name of its own', config.labels)
  return config
}
