export type { TensorInfo, TensorLocation, WeightSource } from './types.js'
