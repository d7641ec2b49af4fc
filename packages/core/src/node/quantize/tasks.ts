import { reservedBytes } from '../../quantize/kernel/types.js'
import { type PieceSizes, pieceRange, piecesOf } from '../../quantize/pieces.js'
import type { PlannedTensor, QuantizationPlan } from '../../quantize/plan.js'
import type { Rounding } from '../../quantize/rounding.js'
import type { WeightSource } from '../../weights/types.js'
import { memoryPlaces, type PieceTask } from './piece-task.js'
import type { SourceFiles } from './source.js'

/** A piece of a plan's tensor, by numbers. */
export interface PlannedPiece {
  readonly tensor: number
  readonly piece: number
}

/** Makes the tasks of a plan's pieces. */
export class PieceTasks {
  readonly sizes: readonly PieceSizes[]
  /** Bytes of memory that every task fits into. */
  readonly memory: number
  /** The one tensor that is not in one piece of its file, and was read last. */
  private gathered: { readonly key: string; readonly bytes: Promise<Uint8Array> } | undefined

  constructor(
    readonly plan: QuantizationPlan,
    private readonly source: WeightSource | undefined,
    private readonly files: SourceFiles | undefined,
    private readonly rounding: Rounding,
  ) {
    this.sizes = plan.tensors.map(piecesOf)
    this.memory = Math.max(
      ...this.sizes.map(({ source: from, target, scales }, i) => {
        const columns = plan.tensors[i]!.blocks ? plan.tensors[i]!.source.shape[1]! : 0
        return memoryPlaces(reservedBytes, columns, from, target, scales).end
      }),
    )
  }

  /** All pieces in the order of the source's bytes, so that a disk reads forward. */
  get pieces(): PlannedPiece[] {
    const place = (tensor: number) => this.files?.place(this.plan.tensors[tensor]!.key) ?? { file: -1, offset: tensor }
    const order = this.plan.tensors
      .map((_, tensor) => ({ tensor, ...place(tensor) }))
      .sort((a, b) => a.file - b.file || a.offset - b.offset)
    return order.flatMap(({ tensor }) =>
      Array.from({ length: this.sizes[tensor]!.count }, (_, piece) => ({ tensor, piece })),
    )
  }

  bytes({ tensor, piece }: PlannedPiece): number {
    return pieceRange(piece, this.sizes[tensor]!.source, this.plan.tensors[tensor]!.source.nbytes).length
  }

  async task({ tensor, piece }: PlannedPiece): Promise<PieceTask> {
    const planned = this.plan.tensors[tensor]!
    const { key, action, source, target, blocks } = planned
    const sizes = this.sizes[tensor]!
    const from = pieceRange(piece, sizes.source, source.nbytes)
    const to = pieceRange(piece, sizes.target, target.length)
    const scales = blocks && pieceRange(piece, sizes.scales, blocks.scales.length)
    const place = this.files?.place(key)
    const bytes = this.source && !place ? await this.gather(planned) : undefined
    const weights = blocks && this.rounding.columnWeights?.(key, source.shape[1]!)
    return {
      key,
      action,
      dtype: source.dtype,
      file: place?.file ?? -1,
      source: { start: (place?.offset ?? 0) + from.start, length: from.length },
      ...(bytes && { bytes: bytes.subarray(from.start, from.start + from.length) }),
      target: { start: target.offset + to.start, length: to.length },
      ...(blocks && {
        blocks: {
          bits: blocks.bits,
          blockSize: blocks.blockSize,
          columns: source.shape[1]!,
          scales: { start: blocks.scales.offset + scales!.start, length: scales!.length },
          ...(weights && { weights }),
        },
      }),
    }
  }

  private gather({ key }: PlannedTensor): Promise<Uint8Array> {
    if (this.gathered?.key !== key) {
      const bytes = this.source!.read(key).then(({ data }) => bytesOf(data))
      this.gathered = { key, bytes }
    }
    return this.gathered!.bytes
  }
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
