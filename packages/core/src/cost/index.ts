export {
  type Alternative,
  bestWithin,
  type Choosing,
  chooseWay,
  leastOf,
  type MemoryOption,
  parseMemory,
  type Way,
} from './budget.js'
export { type ChatMode, chatCost, chatModes, ordinaryTalk, type Talk } from './chat.js'
export { chatWays, chooseChatMode, choosePaintMode, paintWays, type Wish } from './choose.js'
export {
  type ChatFacts,
  chatFacts,
  cpmBeeFacts,
  type LanguageFacts,
  type PaintFacts,
  type PartFacts,
  type PictureFacts,
  paintFacts,
  parametersOf,
  partFacts,
  quantizedChat,
  quantizedPainter,
  quantizedUNet,
} from './facts.js'
export { type CacheKind, usualCache } from './language.js'
export { type Machine, referenceMachine } from './machine.js'
export type { MeasuredChat, MeasuredPaint, MeasuredStage, Measurements } from './measured.js'
export { ordinaryPainting, type Painting, type PaintMode, paintCost, paintModes } from './paint.js'
export {
  chatWithin,
  type Fit,
  type Form,
  longestTalk,
  type MemoryHere,
  type PredictedChat,
  type PredictedPaint,
  paintWithin,
  predictChat,
  predictPaint,
} from './predict.js'
export type { Cost, StageCost } from './types.js'
