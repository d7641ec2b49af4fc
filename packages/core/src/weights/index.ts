export { dequantize, quantizationEntry, quantizationFormat, scalesKey } from './block-quantized.js'
export type { ChannelEntry } from './channel-quantized.js'
export type { IgnoredReason, PartName } from './checkpoint-parts.js'
export type { CheckpointSizes } from './checkpoint-sizes.js'
export type { CheckpointPart, CheckpointReport, IgnoredTensor, ModelKind, TensorTotals } from './detect-checkpoint.js'
export { detectCheckpoint } from './detect-checkpoint.js'
export { memoryWeights } from './memory.js'
export { modelHash } from './model-hash.js'
export type { OpenWeightsOptions } from './open.js'
export { openWeights } from './open.js'
export type { SafetensorsSource } from './safetensors.js'
export { openSafetensors } from './safetensors.js'
export type { SafetensorsWriterOptions, TensorSpec } from './safetensors-writer.js'
export { SafetensorsWriter } from './safetensors-writer.js'
export type { ResolveFile } from './sharded.js'
export { openShardedSafetensors } from './sharded.js'
export type { ByteSink } from './sink.js'
export { memorySink } from './sink.js'
export type { IgnoredKey, IgnoredPattern, KeyCheck } from './strict.js'
export { checkKeys } from './strict.js'
export { openTorch } from './torch.js'
export type {
  BlockQuantization,
  ChannelQuantization,
  TensorInfo,
  TensorLocation,
  ValueRange,
  WeightSource,
} from './types.js'
export { renamed, withPrefix } from './views.js'
export { writeSafetensors } from './write.js'
