export { type ClipTowers, clipCosines, clipFeatures, clipScore } from './clip-score.js'
export { type CompareOptions, comparePictures, type PictureComparison, type RealSide } from './compare.js'
export type { FeatureExtractor } from './features.js'
export { InceptionFeatures, type InceptionFeaturesOptions } from './inception/features.js'
export {
  type BuildInceptionOptions,
  buildInceptionGraph,
  type InceptionDim,
  type InceptionResize,
  InceptionV3,
  inceptionDims,
  inceptionSize,
} from './inception/network.js'
export { resizeFloat } from './inception/resize.js'
export { traceOfRootOfProduct } from './linear-algebra/trace-of-root.js'
export { type NpyArray, readNpy, writeNpy } from './npy.js'
export { embeddedPrompts } from './prompts/embedded.js'
export {
  type EvalPrompt,
  type ParsePromptsOptions,
  type PromptLanguage,
  parsePrompts,
  promptLanguages,
} from './prompts/parse-prompts.js'
export { type FrechetDistance, frechetDistance } from './statistics/frechet-distance.js'
export {
  type Extrapolation,
  type ExtrapolationOptions,
  extrapolatedDistance,
  type FrechetIntervalOptions,
  frechetInterval,
  type Side,
} from './statistics/frechet-interval.js'
export {
  type KernelDistance,
  type KernelDistanceOptions,
  kernelDistance,
  type RowProducts,
} from './statistics/kernel-distance.js'
export { MomentSums, type Moments, momentsOf } from './statistics/moments.js'
export { type SessionProducts, sessionProducts } from './statistics/session-products.js'
