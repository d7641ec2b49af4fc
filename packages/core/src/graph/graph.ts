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

/**
 * How a graph is written for what runs it. In float32 it gives the same numbers in every form, but that int8 layers may or may
 * not round what goes into them.
 */
export interface GraphForm {
  /** Of products with weights. 'float16': half in, half out, between casts. */
  readonly computeDtype: 'float32' | 'float16'
  /** Whether onnxruntime's FusedMatMul may be used; else Transpose, Mul and MatMul. */
  readonly fusedMatMul: boolean
  /** Whether onnxruntime's MultiHeadAttention may be used; else products and a softmax, whose scores take memory. */
  readonly fusedAttention: boolean
  /** Whether what goes into int8 layers is rounded; else only their weights are. */
  readonly roundedActivations: boolean
  /** Whether the device takes half precision at all; else rows are gathered from tables that were widened before. */
  readonly halves: boolean
}

/** A built model: ONNX nodes with weights by reference. */
export interface Graph {
  readonly name: string
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  readonly initializers: readonly ExternalInitializer[]
  /** Number of ONNX nodes. */
  readonly nodeCount: number
  /** Types of its operators, those of onnxruntime as com.microsoft.Name. */
  operators(form?: GraphForm): ReadonlySet<string>
  /** Serialises to ONNX bytes, asking `place` where each external initializer lies. */
  toOnnx(place: (initializer: ExternalInitializer) => Placement, form?: GraphForm): Uint8Array
}
