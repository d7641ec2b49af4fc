export { type EngineModel, LocalEngine, openEngine } from './engine.js'
export type { EngineLogger, EngineOptions, LoadSettings, ServedModel } from './options.js'
