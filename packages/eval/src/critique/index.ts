export { type CandidateRecord, type ChooserFigures, type Comparison, compareChoosers } from './compare.js'
export { type LinedUpPrompt, type LineUp, lineUps } from './different-prompts.js'
export type { ColourName } from './judge/colours.js'
export type { DrawingSheet } from './judge/drawings.js'
export { DrawingJudge, type Judgement, type WantedScene } from './judge/judge.js'
export {
  type Critique,
  type CritiqueChat,
  type CritiqueWay,
  critiqueWays,
  SelfCritic,
  type SelfCriticOptions,
} from './self-critic.js'
