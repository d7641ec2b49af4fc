/** Floating-point dtypes that can be quantized, in the kernel's order. */
export const sourceKinds: readonly SourceKind[] = ['float16', 'bfloat16', 'float32']
export type SourceKind = 'float16' | 'bfloat16' | 'float32'

/** A run of whole blocks, by places (bytes) in the kernel's memory. Everything lies at multiples of 16. */
export interface BlockRun {
  readonly source: number
  readonly kind: SourceKind
  readonly blocks: number
  /** Elements of a block: 16, 32, 64, 128 or 256. */
  readonly blockSize: number
  readonly bits: 4 | 8
  /** Where the integers go: blockSize * bits / 8 bytes per block. */
  readonly target: number
  /** Where the scales go: one float32 per block. */
  readonly scales: number
  /** Where scales are searched for: ratios (float32) to try of the scale that plain rounding takes. None for plain rounding. */
  readonly candidates?: { readonly at: number; readonly count: number }
  /** How much an error in each column counts (float32), for a row of so many blocks. */
  readonly weights: { readonly at: number; readonly blocks: number }
}

/** What was lost in a run. */
export interface RunError {
  /** Sum of the squares of the values. */
  readonly squares: number
  /** Sum of the squared errors. */
  readonly squaredErrors: number
  readonly largestError: number
}

/** The maths of quantization, over a memory of its own that sources are read into and results are written from. */
export interface QuantizeKernel {
  readonly name: 'wasm' | 'js'
  /** All of its memory; the first `reservedBytes` are the kernel's. */
  readonly memory: Uint8Array
  /** @returns what was lost, or the first block that holds NaN or infinity. */
  quantize(run: BlockRun): RunError | { readonly notFinite: number }
  /** Whether `length` bytes at `at`, a multiple of 16 both, are finite numbers. */
  allFinite(at: number, length: number, kind: SourceKind): boolean
}

/** Beginning of a kernel's memory that is its own. */
export const reservedBytes = 4096
/** Adding and subtracting it rounds a small float32 to an integer, ties to even. */
export const roundingMagic = 12582912
/** Bits of the smallest infinity or NaN of each kind, sign left out. */
export const notFiniteFrom: Readonly<Record<SourceKind, number>> = {
  float16: 0x7c00,
  bfloat16: 0x7f80,
  float32: 0x7f800000,
}
