export { languageOf } from '@viscpm/core'
export { type CalibrationOptions, calibratePainter, calibrationPrompts, type PainterRanges } from './calibration.js'
export { type PaintDefaults, parsePaintDefaults } from './defaults.js'
export { parametersText } from './metadata.js'
export type { Networks } from './model.js'
export { type PaintParts, VisCPMPaint } from './pipeline.js'
export * from './png/index.js'
export { type PaintPreset, type PresetName, presets } from './presets.js'
export { type ReplayInputs, type ReplayPlan, type ReplayTarget, replay } from './replay.js'
export type { ModelFacts } from './request.js'
export type {
  Candidate,
  GenerateOptions,
  PaintMetadata,
  PaintResult,
  RankingReport,
  ReplacedPicture,
  SafetyReport,
  Timings,
} from './types.js'
export { version } from './version.js'
