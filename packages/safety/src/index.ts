export * from './audit/index.js'
export * from './bert/index.js'
export type { ModelHash } from './model-hash.js'
export * from './policy/index.js'
export { type Coverage, type Decision, isFlagged, Safety, type SafetyOptions } from './safety.js'
export { type MissingChecker, missingChecker } from './safety-missing.js'
export {
  noSafety,
  type PresetOptions,
  type SafetyParts,
  safetyOf,
  strictSafety,
  upstreamSafety,
} from './safety-presets.js'
export {
  policyOf,
  type SafetyPreset,
  type SafetySetup,
  type SafetyState,
  safetyPresets,
  stateOf,
} from './safety-setup.js'
export { type Windowed, type WindowOptions, windowed } from './safety-windowed.js'
export * from './stable-diffusion/index.js'
export * from './words/index.js'
