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
  Talk,
  TextModel,
} from './models.js'
export type { Services } from './services.js'
