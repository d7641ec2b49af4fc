export {
  type Activation,
  BertTokenizer,
  type BertTokenizerConfig,
  bertTokenizerDefaults,
  type EncodeOptions,
  parseTokenizerConfig,
  type TextTowerConfig,
  type TowerConfig,
  type VisionTowerConfig,
} from '@viscpm/core/transformers'
export { ChineseCLIP, type ChineseCLIPOptions } from './chinese-clip.js'
export { type ChineseCLIPConfig, chineseCLIPBase16, parseChineseCLIPConfig } from './config.js'
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
export type { Ranking, Reranker, RerankerLanguage, RerankOptions } from './types.js'
