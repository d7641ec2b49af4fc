export { languageOf } from '@viscpm/core'
export { BlockedInputError } from './blocked.js'
export {
  originalDecoding,
  parseChatConfig,
  parseGenerationConfig,
  publishedChat,
  type VisCPMChatConfig,
} from './config.js'
export { type ChatParts, VisCPMChat } from './pipeline.js'
export { type Asked, chatInput, type PromptParts } from './prompt.js'
export type { AnswerScore, ScoreOptions } from './score.js'
export type {
  AnswerOptions,
  AskOptions,
  ChatAnswer,
  ChatPart,
  Conversation,
  ConversationOptions,
  DecodingOptions,
  PromptUsage,
  SafetyReport,
  Timings,
  Turn,
  Usage,
} from './types.js'
export type { VisionPart, VisionPartOptions } from './vision-part.js'
