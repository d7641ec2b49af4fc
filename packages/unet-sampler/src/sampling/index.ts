export { repeatedRows } from './batches.js'
export {
  type DeepCache,
  type DeepCacheOptions,
  type DeepDenoiser,
  type DeepRunOptions,
  deepCacheOf,
} from './deep-cache.js'
export { type DenoiseOptions, type Denoiser, type DenoiserRunOptions, type DenoisingStep, denoise } from './denoise.js'
export { type Guidance, type GuidanceOptions, guidanceOf, guided } from './guidance.js'
export { type Inpainting, latentMask } from './inpaint.js'
export { type NoiseSource, type Seed, torchNoise } from './noise.js'
export { pause } from './pause.js'
export { type PreviewFactors, parsePreviewFactors, previewLatents, sdPreviewFactors } from './preview.js'
export { type FirstSample, firstSample, givenLatents } from './start.js'
