import type { DType } from '../../dtype.js'
import type { RunError } from '../../quantize/kernel/types.js'

/** Bytes of a file that a worker has open. */
export interface FileRange {
  readonly start: number
  readonly length: number
}

/** Everything that a worker needs to know of a piece of a tensor. */
export interface PieceTask {
  readonly key: string
  readonly action: 'keep' | 'convert' | 'quantize'
  readonly dtype: DType
  /** Number of the source file, and the range in it; or the bytes themselves, of a tensor that is not in one piece. */
  readonly file: number
  readonly source: FileRange
  readonly bytes?: Uint8Array
  readonly target: FileRange
  readonly blocks?: {
    readonly bits: 4 | 8
    readonly blockSize: number
    readonly columns: number
    readonly scales: FileRange
    /** How much errors in each column count; all the same where absent. */
    readonly weights?: Float32Array
  }
}

/** SHA-256 digests (hex) of what was read and written, and what was lost. */
export interface PieceResult {
  readonly source: string
  readonly target: string
  readonly scales?: string
  readonly error?: RunError
}

/** What a worker is made with. */
export interface WorkerSetup {
  readonly sources: readonly string[]
  /** The file that is written, or looked at. */
  readonly target: string
  readonly writable: boolean
  /** Bytes of its memory. */
  readonly memory: number
  /** For rounding: see Rounding.ratios. */
  readonly ratios: Readonly<Record<4 | 8, Float32Array>>
}

/** Places in a worker's memory. */
export interface MemoryPlaces {
  readonly ratios: number
  readonly weights: number
  readonly source: number
  readonly target: number
  readonly scales: number
  readonly end: number
}

const aligned = (at: number): number => Math.ceil(at / 64) * 64

/** Lays out a worker's memory for pieces of at most so many bytes. */
export function memoryPlaces(
  reserved: number,
  columns: number,
  source: number,
  target: number,
  scales: number,
): MemoryPlaces {
  const weights = reserved
  const sourceAt = aligned(weights + Math.max(columns, 256) * 4)
  const targetAt = aligned(sourceAt + source)
  const scalesAt = aligned(targetAt + target)
  // The kernel itself uses a quarter of what is reserved.
  return {
    ratios: reserved / 2,
    weights,
    source: sourceAt,
    target: targetAt,
    scales: scalesAt,
    end: aligned(scalesAt + scales),
  }
}
