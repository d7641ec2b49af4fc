export { type PackedPrompts, type PromptOptions, type PromptPair, packPrompts } from './pack-prompts.js'
export {
  CpmBeeTextEncoder,
  type CpmBeeTextEncoderParts,
  type EncodedPrompts,
  type PromptEncoder,
  promptInput,
} from './text-encoder.js'
