import { float32ToFloat16, numel } from '@viscpm/core'
import { TorchGenerator } from '@viscpm/core/random'
import { seeded } from '../prompt.js'
import type { SynthTensor } from './tensors.js'

/** A prime, so that the rows of a matrix never begin at the same place of the block again. */
const blockLength = 2_097_143

/** How a tensor's values are drawn. */
type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal' | 'uniform'; readonly scale: number }

/**
 * What keeps activations near 1: CPM-Bee divides by sqrt(fan in) itself and was drawn with deviation 1, the rest is as torch's
 * layers begin (uniform within 1 / sqrt(fan in)), norms do nothing yet.
 */
function distributionOf({ key, shape }: SynthTensor, fanIn: number | undefined): Distribution {
  if (shape.length >= 2)
    return key.startsWith('llm.')
      ? { kind: 'normal', scale: 1 }
      : { kind: 'uniform', scale: 1 / Math.sqrt(numel(shape.slice(1))) }
  if (fanIn !== undefined) return { kind: 'uniform', scale: 1 / Math.sqrt(fanIn) }
  return { kind: 'constant', value: key.endsWith('.bias') ? 0 : 1 }
}

/** Below this many numbers they are converted one by one. */
const short = 65_536

/** Random weights as fast as a disk takes them: pieces of one random block of 2 million numbers, each begun elsewhere. */
export class SynthValues {
  private readonly next: () => number
  /** The random numbers twice in a row, so that a piece can begin anywhere. */
  private readonly blocks: Readonly<Record<'normal' | 'uniform', Float32Array>>
  /** The same as float16, by distribution: there are only a few. */
  private readonly halves = new Map<string, Uint16Array>()
  private readonly fanIns: ReadonlyMap<string, number>
  private readonly scratch: Float32Array = new Float32Array(blockLength)

  constructor(seed: number, tensors: readonly SynthTensor[]) {
    const generator = new TorchGenerator(seed)
    const normal = twice(generator.randn([blockLength]).data)
    const uniform = twice(generator.rand([blockLength]).data.map(x => 2 * x - 1))
    this.next = seeded(seed)
    this.blocks = { normal, uniform }
    const matrices = tensors.filter(({ shape }) => shape.length >= 2)
    this.fanIns = new Map(matrices.map(({ key, shape }) => [key, numel(shape.slice(1))]))
  }

  /** The bytes of a tensor, in pieces that are good until the next one is asked for. Tensors must come in one order. */
  *bytesOf(tensor: SynthTensor): Generator<Uint8Array> {
    const { key, dtype, shape } = tensor
    const distribution = distributionOf(tensor, this.fanIns.get(key.replace(/\.bias$/, '.weight')))
    for (let left = numel(shape); left > 0; left -= blockLength) {
      const from = this.next() % blockLength
      const length = Math.min(left, blockLength)
      const piece =
        dtype === 'float32'
          ? this.scaled(distribution, from, length)
          : length < short
            ? float32ToFloat16(this.scaled(distribution, from, length))
            : this.halved(distribution).subarray(from, from + length)
      yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
    }
  }

  private scaled(distribution: Distribution, from: number, length: number): Float32Array {
    const out = this.scratch.subarray(0, length)
    if (distribution.kind === 'constant') return out.fill(distribution.value)
    const { kind, scale } = distribution
    const block = this.blocks[kind]
    for (let i = 0; i < length; i++) out[i] = block[from + i]! * scale
    return out
  }

  private halved(distribution: Distribution): Uint16Array {
    const name = String(Object.values(distribution))
    let found = this.halves.get(name)
    if (!found) {
      found = twice(float32ToFloat16(this.scaled(distribution, 0, blockLength)))
      this.halves.set(name, found)
    }
    return found
  }
}

function twice<T extends Float32Array | Uint16Array>(values: T): T {
  const out = new (values.constructor as new (length: number) => T)(2 * values.length)
  out.set(values)
  out.set(values, values.length)
  return out
}
