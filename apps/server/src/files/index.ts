export { FilesFullError } from './errors.js'
export { MemoryFiles } from './memory-files.js'
export type * from './types.js'
