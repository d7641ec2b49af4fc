export { BertModel } from './bert.js'
export { CLIPVisionTransformer } from './clip-vision.js'
export { dots, normalized } from './embeddings.js'
export { ignoredPositionIds } from './ignored.js'
export { failConfig, type JsonObject, jsonObject, oneOf, wholeNumber, withDefaults } from './json.js'
export { firstToken, type Wanted } from './layers.js'
export { clipNormalization, type PixelNormalization, parseNormalization } from './normalization.js'
export { BertTokenizer, type EncodeOptions, type TokenizerFiles } from './tokenizer.js'
export { type BertTokenizerConfig, bertTokenizerDefaults, parseTokenizerConfig } from './tokenizer-config.js'
export {
  type Activation,
  checkTextTower,
  checkVisionTower,
  parseTextTower,
  parseVisionTower,
  pictureTokens,
  type TextTowerConfig,
  type TowerConfig,
  type VisionTowerConfig,
} from './towers.js'
