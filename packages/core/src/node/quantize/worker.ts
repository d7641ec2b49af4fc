import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { FileFormatError, NonFiniteError } from '../../errors.js'
import { bfloat16ToFloat32, float32ToFloat16 } from '../../float16.js'
import { createKernel } from '../../quantize/kernel/index.js'
import {
  type QuantizeKernel,
  type RunError,
  reservedBytes,
  type SourceKind,
  sourceKinds,
} from '../../quantize/kernel/types.js'
import { writeFailed } from '../atomic.js'
import {
  type FileRange,
  type MemoryPlaces,
  memoryPlaces,
  type PieceResult,
  type PieceTask,
  type WorkerSetup,
} from './piece-task.js'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Converts pieces in a thread of its own: reads, hashes, quantizes and writes, one after another and without waiting. */
export class ConversionWorker {
  private readonly sources: number[]
  private readonly target: number
  private readonly kernel: QuantizeKernel

  constructor(private readonly setup: WorkerSetup) {
    this.sources = setup.sources.map(file => openSync(file, 'r'))
    this.target = openSync(setup.target, setup.writable ? 'r+' : 'r')
    this.kernel = createKernel(setup.memory)
  }

  /** Converts a piece, and writes it unless it is only to be known. @throws NonFiniteError, WriteFailedError, FileFormatError */
  convert(task: PieceTask, { write }: { readonly write: boolean }): PieceResult {
    const places = this.places(task)
    const { memory } = this.kernel
    const source = memory.subarray(places.source, places.source + task.source.length)
    if (task.bytes) source.set(task.bytes)
    else this.read(this.sources[task.file]!, this.setup.sources[task.file]!, source, task.source.start)
    const hash = sha256(source)
    const { error, target, scales } = this.converted(task, places)
    if (write) {
      this.write(target, task.target.start)
      if (scales) this.write(scales, task.blocks!.scales.start)
    }
    return {
      source: hash,
      target: task.action === 'keep' ? hash : sha256(target),
      ...(scales && { scales: sha256(scales) }),
      ...(error && { error }),
    }
  }

  /** Hashes of what lies in the target file for a piece. */
  written(task: PieceTask): Pick<PieceResult, 'target' | 'scales'> {
    const scales = task.blocks?.scales
    return { target: this.hashOf(task.target), ...(scales && { scales: this.hashOf(scales) }) }
  }

  /** Hash of a piece's source. */
  source(task: PieceTask): string {
    if (task.bytes) return sha256(task.bytes)
    const bytes = new Uint8Array(task.source.length)
    this.read(this.sources[task.file]!, this.setup.sources[task.file]!, bytes, task.source.start)
    return sha256(bytes)
  }

  dispose(): void {
    for (const handle of [...this.sources, this.target]) closeSync(handle)
  }

  private places({ source, target, blocks }: PieceTask): MemoryPlaces {
    return memoryPlaces(reservedBytes, blocks?.columns ?? 0, source.length, target.length, blocks?.scales.length ?? 0)
  }

  private converted(
    task: PieceTask,
    at: MemoryPlaces,
  ): { readonly target: Uint8Array; readonly scales?: Uint8Array; readonly error?: RunError } {
    const { key, action, blocks, dtype, source } = task
    const { memory } = this.kernel
    const kind = sourceKinds.find(one => one === dtype)
    if (action !== 'quantize' || !blocks || !kind) {
      if (kind) this.checkFinite(key, kind, at.source, source.length)
      if (action === 'keep') return { target: memory.subarray(at.source, at.source + source.length) }
      return { target: this.halved(key, kind!, at.source, source.length) }
    }
    const { bits, blockSize, columns } = blocks
    const ratios = this.setup.ratios[bits]
    const weights = blocks.weights ?? new Float32Array(blockSize).fill(1)
    this.floats(at.weights, weights.length).set(weights)
    this.floats(at.ratios, ratios.length).set(ratios)
    const count = task.target.length / ((blockSize * bits) / 8)
    const error = this.kernel.quantize({
      ...{ source: at.source, kind, blocks: count, blockSize, bits, target: at.target, scales: at.scales },
      ...(ratios.length > 0 && { candidates: { at: at.ratios, count: ratios.length } }),
      weights: { at: at.weights, blocks: blocks.weights ? columns / blockSize : 1 },
    })
    if ('notFinite' in error) throw notFinite(key)
    return {
      target: memory.subarray(at.target, at.target + task.target.length),
      scales: memory.subarray(at.scales, at.scales + blocks.scales.length),
      error,
    }
  }

  private floats(at: number, length: number): Float32Array {
    return new Float32Array(this.kernel.memory.buffer, at, length)
  }

  private checkFinite(key: string, kind: SourceKind, at: number, length: number): void {
    const whole = Math.ceil(length / 16) * 16
    this.kernel.memory.fill(0, at + length, at + whole)
    if (!this.kernel.allFinite(at, whole, kind)) throw notFinite(key)
  }

  /** Float16 bytes of bfloat16 or float32 ones. */
  private halved(key: string, kind: SourceKind, at: number, length: number): Uint8Array {
    const { buffer } = this.kernel.memory
    const values =
      kind === 'float32' ? this.floats(at, length / 4) : bfloat16ToFloat32(new Uint16Array(buffer, at, length / 2))
    const halves = float32ToFloat16(values)
    if (halves.some(bits => (bits & 0x7fff) === 0x7c00))
      throw new NonFiniteError({
        message: `${key} holds values that float16 cannot: above 65504`,
        hint: `Keep it as it is (--keep '${key}').`,
      })
    return new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength)
  }

  private hashOf({ start, length }: FileRange): string {
    const bytes = new Uint8Array(length)
    this.read(this.target, this.setup.target, bytes, start)
    return sha256(bytes)
  }

  private read(handle: number, file: string, into: Uint8Array, start: number): void {
    for (let done = 0; done < into.length; ) {
      const read = readSync(handle, into, done, into.length - done, start + done)
      if (read === 0)
        throw new FileFormatError({ file, offset: start + done, message: 'the file became shorter while it was read' })
      done += read
    }
  }

  private write(bytes: Uint8Array, start: number): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        const written = writeSync(this.target, bytes, done, bytes.length - done, start + done)
        if (written === 0) throw new Error('the disk takes no more')
        done += written
      }
    } catch (cause) {
      throw writeFailed(this.setup.target, cause)
    }
  }
}

function notFinite(key: string): NonFiniteError {
  return new NonFiniteError({
    message: `${key} holds NaN or infinity`,
    hint: 'The file is damaged, or its training diverged: compare it with the original.',
  })
}

/** What the host makes in the thread. */
export default function createConversionWorker(setup: WorkerSetup): ConversionWorker {
  return new ConversionWorker(setup)
}
