export { type FloatDType, TorchGenerator, type TorchGeneratorState } from './torch-generator.js'
