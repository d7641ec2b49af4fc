export { randomNumbers } from './mulberry32.js'
export { type FloatDType, TorchGenerator, type TorchGeneratorState } from './torch-generator.js'
