export * from './atomic.js'
export * from './files.js'
export { onnxruntimeNode } from './onnxruntime.js'
export { sharpCodec } from './sharp-codec.js'
