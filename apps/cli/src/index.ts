export type { SafetyPreset, SafetySetup, SafetyState } from '@viscpm/safety'
export type { OpenSafety } from '@viscpm/safety/node'
export type * from './commands/report/card.js'
export { exitCodes } from './exit-codes.js'
export type { Io, TextOutput } from './io.js'
export { main } from './main.js'
export type {
  ChatIdentity,
  ChatLoadOptions,
  ChatModel,
  Critic,
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
