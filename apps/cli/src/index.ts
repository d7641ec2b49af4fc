export { exitCodes } from './exit-codes.js'
export type { Io, TextOutput } from './io.js'
export { main } from './main.js'
export type {
  ChatModel,
  LoadOptions,
  Painter,
  PainterOptions,
  PaintRequest,
  PaintStep,
  Ranker,
  RankerOptions,
  Services,
  Talk,
  TextModel,
} from './services.js'
