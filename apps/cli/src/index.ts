export type * from './commands/report/card.js'
export { exitCodes } from './exit-codes.js'
export type { Io, TextOutput } from './io.js'
export { main } from './main.js'
export type {
  ChatLoadOptions,
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
export type { SafetyState } from './safety/coverage.js'
export type { SafetyPreset } from './safety/presets.js'
export type { OpenSafety, SafetySetup } from './safety/setup.js'
export type { Services } from './services.js'
