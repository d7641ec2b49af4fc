import { itemSize } from '../dtype.js'
import { numel } from '../tensor.js'
import type { PlannedTensor } from './plan.js'

/** Largest piece of a source tensor, where a row is not larger. */
export const maxPieceBytes: number = 4 * 2 ** 20
/** A row of what has none: elements that need not be looked at together. */
const elementsAtOnce = 64

/** How a tensor is cut into pieces that are converted by themselves; sizes in bytes, the last piece may be shorter. */
export interface PieceSizes {
  readonly count: number
  /** Rows of a piece, and of the tensor; rows of a tensor that is not quantized are 64 elements. */
  readonly rows: number
  readonly allRows: number
  readonly source: number
  readonly target: number
  readonly scales: number
}

/**
 * The pieces depend on the tensor alone: hashes of tensors are made of those of their pieces, so that any number of workers
 * gives the same.
 */
export function piecesOf({ source, target, blocks }: PlannedTensor): PieceSizes {
  const elements = numel(source.shape)
  const columns = blocks ? source.shape[1]! : elementsAtOnce
  const allRows = Math.ceil(elements / columns)
  const rowBytes = columns * itemSize(source.dtype)
  const rows = Math.max(1, Math.min(allRows, Math.floor(maxPieceBytes / rowBytes)))
  return {
    count: allRows === 0 ? 0 : Math.ceil(allRows / rows),
    rows,
    allRows,
    source: rows * rowBytes,
    target: blocks ? rows * (target.length / allRows) : rows * columns * itemSize(target.dtype),
    scales: blocks ? rows * (blocks.scales.length / allRows) : 0,
  }
}

/** Bytes [start, end) of a piece, of all. */
export function pieceRange(
  index: number,
  size: number,
  all: number,
): { readonly start: number; readonly length: number } {
  const start = index * size
  return { start, length: Math.min(size, all - start) }
}
