export { parseSafetyCheckerConfig, type SafetyCheckerConfig, safetyCheckerLarge14 } from './config.js'
export {
  type BuildSafetyCheckerOptions,
  buildSafetyCheckerGraph,
  type SafetyCheckerGraph,
  safetyConceptKeys,
} from './graph.js'
export { type SafetyCheckerGraphOptions, SafetyCheckerNetwork } from './network.js'
export {
  type CLIPPreprocessing,
  clipCropping,
  clipPixels,
  parseCLIPPreprocessing,
  scaledAndCropped,
} from './preprocessing.js'
export type { ConceptScores } from './scores.js'
export {
  type PictureAnalysis,
  StableDiffusionSafetyChecker,
  type StableDiffusionSafetyCheckerOptions,
} from './stable-diffusion-safety-checker.js'
