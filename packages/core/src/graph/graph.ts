import type { DType } from '../dtype.js'
import type { TensorLocation } from '../weights/types.js'

/** Name and type of one input or output. */
export interface ValueInfo {
  readonly name: string
  readonly dtype: DType
  /** A string names a dimension that varies. */
  readonly shape: readonly (number | string)[]
}

/** An initializer that stays in its checkpoint: nothing is read until a backend maps it. */
export interface ExternalInitializer {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly location: TensorLocation
}

/** Where a backend puts an initializer: in a file of its external data folder, or inside the model. */
export type Placement =
  | { readonly file: string; readonly offset: number; readonly length: number }
  | { readonly bytes: Uint8Array }

/** A built model: ONNX nodes with weights by reference. */
export interface Graph {
  readonly name: string
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  readonly initializers: readonly ExternalInitializer[]
  /** Number of ONNX nodes. */
  readonly nodeCount: number
  /** Serialises to ONNX bytes, asking `place` where each external initializer lies. */
  toOnnx(place: (initializer: ExternalInitializer) => Placement): Uint8Array
}
