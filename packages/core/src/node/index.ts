export { onnxruntimeNode } from './onnxruntime.js'
