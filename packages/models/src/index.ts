export type { FileSource, License, ModelFile, ModelKind, ZooModel } from './types.js'
export { findZooModel, sizeOf, zoo } from './zoo/index.js'
