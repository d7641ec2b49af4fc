export { onnxruntimeWeb } from './onnxruntime.js'
