import { float16ToNumber } from '../../float16.js'
import {
  type BlockRun,
  notFiniteFrom,
  type QuantizeKernel,
  type RunError,
  roundingMagic,
  type SourceKind,
} from './types.js'

const { fround, abs } = Math
const smallestNormal = 2 ** -126

/** Four float32 sums added up, in the order in which kernel.wat does it. */
const lanes = (sums: Float32Array): number => fround(fround(sums[0]! + sums[1]!) + fround(sums[2]! + sums[3]!))

/** The integer of a value: its nearest, ties to even, within [-half, half - 1]. */
const rounded = (value: number, inverse: number, half: number): number =>
  fround(fround(Math.min(Math.max(fround(value * inverse), -half), half - 1) + roundingMagic) - roundingMagic)

const inverseOf = (scale: number): number => (scale === 0 ? 0 : fround(1 / scale))

/** 0 for what cannot be kept as a scale: NaN, infinity, and subnormals, whose inverse may be infinite. */
const usable = (scale: number): number => (abs(scale) >= smallestNormal && abs(scale) < Infinity ? scale : 0)

/**
 * The definition of quantization in plain JavaScript, float32 step by float32 step; kernel.wat does the same with SIMD.
 * A block's scale is its value farthest from 0 divided by -half, so that this value is the lowest integer exactly.
 */
export function createJsKernel(bytes: number): QuantizeKernel {
  const memory = new Uint8Array(new ArrayBuffer(bytes))
  const { buffer } = memory
  const f32 = new Float32Array(buffer)
  const u16 = new Uint16Array(buffer)
  const u32 = new Uint32Array(buffer)
  const value = f32.subarray(16, 16 + 256)
  const widening = new Uint32Array(buffer, value.byteOffset, 256)
  const sums = new Float32Array(4)
  const more = new Float32Array(4)

  function widen(at: number, kind: SourceKind, n: number): void {
    if (kind === 'float32') value.set(f32.subarray(at >> 2, (at >> 2) + n))
    else if (kind === 'bfloat16') for (let i = 0; i < n; i++) widening[i] = u16[(at >> 1) + i]! << 16
    else for (let i = 0; i < n; i++) value[i] = float16ToNumber(u16[(at >> 1) + i]!)
  }

  /** Weighted squared error under a scale. */
  function errorOf(scale: number, n: number, half: number, weights: number): number {
    const inverse = inverseOf(scale)
    sums.fill(0)
    for (let i = 0; i < n; i++) {
      const v = value[i]!
      const e = fround(v - fround(scale * rounded(v, inverse, half)))
      sums[i & 3]! += fround(fround(e * e) * f32[weights + i]!)
    }
    return lanes(sums)
  }

  /** The scale of least weighted squared error for the integers that another scale gives. */
  function fitted(scale: number, n: number, half: number, weights: number): number {
    const inverse = inverseOf(scale)
    sums.fill(0)
    more.fill(0)
    for (let i = 0; i < n; i++) {
      const v = value[i]!
      const q = rounded(v, inverse, half)
      const w = fround(q * f32[weights + i]!)
      sums[i & 3]! += fround(w * v)
      more[i & 3]! += fround(w * q)
    }
    const below = lanes(more)
    return below > 0 ? fround(lanes(sums) / below) : 0
  }

  function search(base: number, n: number, half: number, weights: number, ratios: Float32Array): number {
    let scale = base
    let best = errorOf(scale, n, half, weights)
    const attempt = (trial: number): void => {
      const error = errorOf(trial, n, half, weights)
      if (!(error < best)) return
      best = error
      scale = trial
    }
    for (const ratio of ratios) attempt(usable(fround(base * ratio)))
    for (let i = 0; i < 2; i++) attempt(usable(fitted(scale, n, half, weights)))
    return scale
  }

  function quantize(run: BlockRun): RunError | { readonly notFinite: number } {
    const { kind, blocks, blockSize: n, bits, candidates, weights } = run
    const half = 2 ** (bits - 1)
    const item = kind === 'float32' ? 4 : 2
    const ratios = f32.subarray((candidates?.at ?? 0) >> 2, ((candidates?.at ?? 0) >> 2) + (candidates?.count ?? 0))
    let squares = 0
    let squaredErrors = 0
    let largestError = 0
    for (let block = 0; block < blocks; block++) {
      widen(run.source + block * n * item, kind, n)
      let farthest = 0
      for (let i = 0; i < n; i++) {
        const v = value[i]!
        if (!Number.isFinite(v)) return { notFinite: block }
        // Of two equally far ones the negative, as it comes out where the largest and the smallest are compared.
        if (abs(v) > abs(farthest) || (v === -farthest && v < 0)) farthest = v
      }
      let scale = usable(fround(farthest / -half))
      const row = (weights.at >> 2) + (block % weights.blocks) * n
      if (ratios.length > 0 && scale !== 0) scale = search(scale, n, half, row, ratios)

      const inverse = inverseOf(scale)
      const target = run.target + (block * n * bits) / 8
      sums.fill(0)
      more.fill(0)
      for (let i = 0; i < n; i++) {
        const v = value[i]!
        const q = rounded(v, inverse, half)
        const e = fround(v - fround(scale * q))
        sums[i & 3]! += fround(v * v)
        more[i & 3]! += fround(e * e)
        if (abs(e) > largestError) largestError = abs(e)
        if (bits === 8) memory[target + i] = q + half
        else if (i % 2 === 0) memory[target + (i >> 1)] = q + half
        else memory[target + (i >> 1)]! |= (q + half) << 4
      }
      squares += lanes(sums)
      squaredErrors += lanes(more)
      f32[(run.scales >> 2) + block] = scale
    }
    return { squares, squaredErrors, largestError }
  }

  function allFinite(at: number, length: number, kind: SourceKind): boolean {
    const limit = notFiniteFrom[kind]
    const elements =
      kind === 'float32' ? u32.subarray(at >> 2, (at + length) >> 2) : u16.subarray(at >> 1, (at + length) >> 1)
    const mask = kind === 'float32' ? 0x7fffffff : 0x7fff
    for (let i = 0; i < elements.length; i++) if ((elements[i]! & mask) >= limit) return false
    return true
  }

  return { name: 'js', memory, quantize, allFinite }
}
