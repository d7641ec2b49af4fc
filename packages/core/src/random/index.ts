export { TorchGenerator, type TorchGeneratorState } from './torch-generator.js'
