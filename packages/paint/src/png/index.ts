export { type PngChunk, readChunks, writeChunks } from './chunks.js'
export { paintedPng, readMetadata, withMetadata } from './painted.js'
export { textChunk, textsOf } from './text.js'
