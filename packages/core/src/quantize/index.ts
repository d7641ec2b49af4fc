export { createKernel } from './kernel/index.js'
export type { BlockRun, QuantizeKernel, RunError, SourceKind } from './kernel/types.js'
export { reservedBytes } from './kernel/types.js'
export type { FilePlace } from './layout.js'
export type {
  ConversionManifest,
  HashedPlace,
  ManifestFile,
  ManifestTensor,
  SourceFile,
  TreeHash,
} from './manifest.js'
export type { BlockSize, FormatRule, QuantizeOptions, SettledOptions, TensorFormat } from './options.js'
export type { DroppedTensor, PlannedTensor, QuantizationPlan, TensorGroup } from './plan.js'
export { planQuantization } from './plan.js'
export type { Rounding } from './rounding.js'
export { activationWeightedRounding, nearestRounding, searchRounding } from './rounding.js'
