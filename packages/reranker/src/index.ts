export { ChineseCLIP, type ChineseCLIPOptions } from './chinese-clip.js'
export {
  type Activation,
  type ChineseCLIPConfig,
  chineseCLIPBase16,
  parseChineseCLIPConfig,
  type TextTowerConfig,
  type TowerConfig,
  type VisionTowerConfig,
} from './config.js'
export {
  type BuildChineseCLIPOptions,
  buildChineseCLIPGraphs,
  type ChineseCLIPGraphs,
  ignoredByChineseCLIP,
} from './model/graph.js'
export { type ChineseCLIPGraphOptions, ChineseCLIPNetwork } from './model/network.js'
export {
  clipPreprocessing,
  type ImagePreprocessing,
  parsePreprocessorConfig,
  preprocess,
  squashed,
} from './preprocessing.js'
export { rank } from './ranking.js'
export { BertTokenizer, type EncodeOptions } from './tokenizer.js'
export { type BertTokenizerConfig, bertTokenizerDefaults, parseTokenizerConfig } from './tokenizer-config.js'
export type { Ranking, Reranker, RerankerLanguage, RerankOptions } from './types.js'
