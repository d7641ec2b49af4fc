import { allocate } from '../dtype.js'
import { InvalidArgumentError } from '../errors.js'
import { numel, type Tensor, tensor } from '../tensor.js'
import { fillNormal } from './box-muller.js'
import { MT19937 } from './mt19937.js'

/** Everything that decides what a generator gives next. A plain object: store it, send it, restore it. */
export interface TorchGeneratorState {
  /** 624 words of the Mersenne twister. */
  readonly words: Uint32Array
  /** Words used up, 0..624. */
  readonly index: number
  /** Second half of the last pair of normals, where it is still to be used. */
  readonly nextNormal?: number
}

/** What the generator draws. */
export type FloatDType = 'float32' | 'float64'

/** From this many values on, torch draws normals in blocks. */
const blockwiseFrom = 16
/** From this range on, torch takes 64 bits per whole number (torch 2.13; 1.13 switched at 2 ** 32). */
const wideRange = 2n ** 28n

function checkShape(shape: readonly number[]): void {
  if (shape.some(d => !Number.isSafeInteger(d) || d < 0))
    throw new InvalidArgumentError({ argument: 'shape', message: `[${shape}] must hold whole numbers from 0 on` })
}

function whole(argument: string, value: number | bigint): bigint {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value))
    throw new InvalidArgumentError({ argument, message: `must be a whole number (a bigint above 2^53), not ${value}` })
  return BigInt(value)
}

/**
 * The random numbers of `torch.Generator('cpu')`: same seed, same stream as torch.rand, torch.randint and torch.randn
 * of contiguous tensors. Whole numbers and uniforms are exact, float32 normals have the bits that torch gives on x86
 * (AVX2; on other processors torch itself rounds differently), float64 normals differ by rounding (below 1e-12).
 */
export class TorchGenerator {
  private readonly engine: MT19937 = new MT19937()
  private nextNormal: number | undefined

  /** @throws InvalidArgumentError for a seed that torch would refuse. */
  constructor(seed: number | bigint) {
    this.manualSeed(seed)
  }

  /** Starts again, as torch's `manual_seed`: only the low 32 bits of the seed count. */
  manualSeed(seed: number | bigint): this {
    const value = whole('seed', seed)
    if (value < -(2n ** 63n) || value >= 2n ** 64n)
      throw new InvalidArgumentError({ argument: 'seed', message: `must fit into 64 bits, ${value} does not` })
    this.engine.seed(Number(BigInt.asUintN(32, value)))
    this.nextNormal = undefined
    return this
  }

  /** One float64 in [0, 1): torch.rand(1, dtype=float64). */
  random(): number {
    const high = this.engine.next()
    const low = this.engine.next()
    return ((high & 0x1fffff) * 2 ** 32 + low) * 2 ** -53 // the low 53 of 64 bits
  }

  /** Uniform in [0, 1). Source: torch.rand. */
  rand<D extends FloatDType = 'float32'>(shape: readonly number[], dtype: D = 'float32' as D): Tensor<D> {
    checkShape(shape)
    const data: Float32Array | Float64Array = allocate(dtype, numel(shape))
    const next = this.uniform(dtype)
    for (let i = 0; i < data.length; i++) data[i] = next()
    return tensor(dtype, data as Tensor<D>['data'], shape)
  }

  /** Normal, mean 0 and variance 1. Source: torch.randn. */
  randn<D extends FloatDType = 'float32'>(shape: readonly number[], dtype: D = 'float32' as D): Tensor<D> {
    checkShape(shape)
    const data: Float32Array | Float64Array = allocate(dtype, numel(shape))
    if (data.length >= blockwiseFrom) fillNormal(data, this.uniform(dtype))
    else for (let i = 0; i < data.length; i++) data[i] = this.normal()
    return tensor(dtype, data as Tensor<D>['data'], shape)
  }

  /**
   * Whole numbers in [low, high). Source: torch.randint.
   * @throws InvalidArgumentError when the range is empty or wider than 64 bits.
   */
  randint(low: number | bigint, high: number | bigint, shape: readonly number[]): Tensor<'int64'> {
    checkShape(shape)
    const from = whole('low', low)
    const range = whole('high', high) - from
    if (range <= 0n || range >= 2n ** 64n)
      throw new InvalidArgumentError({ argument: 'high', message: `must be above low = ${from}, by less than 2^64` })
    const data = new BigInt64Array(numel(shape))
    for (let i = 0; i < data.length; i++) {
      let bits = BigInt(this.engine.next())
      if (range >= wideRange) bits = (bits << 32n) | BigInt(this.engine.next())
      data[i] = from + (bits % range)
    }
    return tensor('int64', data, shape)
  }

  /** A copy of the state. */
  getState(): TorchGeneratorState {
    const { nextNormal } = this
    return {
      words: this.engine.words.slice(),
      index: this.engine.index,
      ...(nextNormal === undefined ? {} : { nextNormal }),
    }
  }

  /** Continues from a state that `getState` gave. @throws InvalidArgumentError when it is not one. */
  setState({ words, index, nextNormal }: TorchGeneratorState): this {
    if (words?.length !== this.engine.words.length || !Number.isInteger(index) || index < 0 || index > words.length)
      throw new InvalidArgumentError({ argument: 'state', message: 'is not a state of this generator' })
    this.engine.words.set(words)
    this.engine.index = index
    this.nextNormal = nextNormal
    return this
  }

  private uniform(dtype: FloatDType): () => number {
    if (dtype === 'float32') return () => (this.engine.next() & 0xffffff) * 2 ** -24
    if (dtype === 'float64') return () => this.random()
    throw new InvalidArgumentError({ argument: 'dtype', message: `must be 'float32' or 'float64', not '${dtype}'` })
  }

  /** One normal in double precision; they come in pairs, the second is kept. */
  private normal(): number {
    if (this.nextNormal !== undefined) {
      const value = this.nextNormal
      this.nextNormal = undefined
      return value
    }
    const angle = 2 * Math.PI * this.random()
    const radius = Math.sqrt(-2 * Math.log1p(-this.random()))
    this.nextNormal = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}
