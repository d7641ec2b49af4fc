import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import wabt from 'wabt'
import { float16ToFloat32, float32ToFloat16 } from '../../float16.js'
import { TorchGenerator } from '../../random/torch-generator.js'
import { dequantize } from '../../weights/block-quantized.js'
import { searchRatios } from '../rounding.js'
import { createKernel } from './index.js'
import { createJsKernel } from './js-kernel.js'
import { type QuantizeKernel, reservedBytes, type SourceKind, sourceKinds } from './types.js'
import { createWasmKernel } from './wasm-kernel.js'

it('the WebAssembly is what kernel.wat says (npx vitest run -u writes it anew)', async () => {
  const text = readFileSync(new URL('./kernel.wat', import.meta.url), 'utf8')
  const module = (await wabt()).parseWat('kernel.wat', text, { simd: true })
  module.validate()
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64')
  const lines = base64.match(/.{1,110}/g)!.map(line => `  '${line}'`)
  const source = `// kernel.wat, assembled: see kernel.test.ts.\nexport const kernelBase64: string =\n${lines.join(' +\n')}\n`
  await expect(source).toMatchFileSnapshot('./kernel-wasm.ts')
})

interface Case {
  readonly kind: SourceKind
  readonly bits: 4 | 8
  readonly blockSize: number
  readonly values: Float32Array
  readonly search?: boolean
  readonly weights?: Float32Array
  readonly rowBlocks?: number
}

const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

function stored(values: Float32Array, kind: SourceKind): Uint8Array {
  if (kind === 'float32') return bytesOf(values)
  if (kind === 'float16') return bytesOf(float32ToFloat16(values))
  return bytesOf(
    Uint16Array.from(new Uint32Array(values.buffer, values.byteOffset, values.length), bits => bits >>> 16),
  )
}

function quantized(kernel: QuantizeKernel, { kind, bits, blockSize, values, search, weights, rowBlocks = 1 }: Case) {
  const blocks = values.length / blockSize
  const source = reservedBytes + 65536
  const target = source + values.length * 4
  const scales = target + values.length
  const columns = weights ?? new Float32Array(blockSize * rowBlocks).fill(1)
  const ratios = searchRatios(bits)
  kernel.memory.set(bytesOf(ratios), reservedBytes)
  kernel.memory.set(bytesOf(columns), reservedBytes + 4096)
  kernel.memory.set(stored(values, kind), source)
  const found = kernel.quantize({
    ...{ source, kind, blocks, blockSize, bits, target, scales },
    ...(search && { candidates: { at: reservedBytes, count: ratios.length } }),
    weights: { at: reservedBytes + 4096, blocks: rowBlocks },
  })
  return {
    found,
    bytes: kernel.memory.slice(target, target + (values.length * bits) / 8),
    scales: new Float32Array(kernel.memory.slice(scales, scales + blocks * 4).buffer),
  }
}

const room = 2 ** 21
const normals = (seed: number, count: number) => new TorchGenerator(seed).randn([count]).data

/** Blocks that have been wrong somewhere: zeros, one value, ties, subnormals, all of one sign, the largest and smallest. */
function awkward(blockSize: number): Float32Array {
  const block = (at: (i: number) => number) => Array.from({ length: blockSize }, (_, i) => at(i))
  return Float32Array.from([
    ...block(() => 0),
    ...block(() => -0),
    ...block(i => (i === 3 ? 1 : 0)),
    ...block(i => (i - 8) / 2), // every half a tie
    ...block(i => i * 2 ** -24), // float16's subnormals
    ...block(i => (i % 2 ? 65504 : -65504)),
    ...block(i => 1 + i / 64),
    ...block(i => -1 - i / 64),
    ...block(i => (i === 5 ? -3 : i === 7 ? 3 : 0.1)), // both ends equally far
  ])
}

const settings = sourceKinds.flatMap(kind =>
  ([4, 8] as const).flatMap(bits => [16, 32, 64, 128, 256].map(blockSize => ({ kind, bits, blockSize }))),
)

describe.each(settings)('$kind, int$bits, blocks of $blockSize', setting => {
  const values = Float32Array.from([...normals(1, 40 * setting.blockSize), ...awkward(setting.blockSize)])
  const ways: Partial<Case>[] = [
    {},
    { search: true },
    { search: true, rowBlocks: 7, weights: normals(2, 7 * setting.blockSize).map(x => x * x) },
  ]
  it.each(ways)('both kernels give the same bytes and sums ($search, rows of $rowBlocks)', way => {
    const [js, wasm] = [createJsKernel(room), createWasmKernel(room)].map(kernel =>
      quantized(kernel, { ...setting, values, ...way }),
    )
    expect(wasm).toEqual(js)
    expect(js!.found).toHaveProperty('squaredErrors')
  })
})

describe('plain rounding', () => {
  it.each([4, 8] as const)('int%i is what a straightforward reference gives', bits => {
    const values = float16ToFloat32(float32ToFloat16(normals(3, 128 * 50)))
    const half = 2 ** (bits - 1)
    const { bytes, scales, found } = quantized(createKernel(room), { kind: 'float16', bits, blockSize: 128, values })
    let squaredErrors = 0
    let ties = 0
    for (let block = 0; block < 50; block++) {
      const part = values.subarray(block * 128, block * 128 + 128)
      const farthest = part.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best))
      expect(scales[block]).toBe(Math.fround(-farthest / half))
      for (const [i, x] of part.entries()) {
        const exact = x / scales[block]!
        const want = Math.min(Math.max(Math.round(exact), -half), half - 1) + half
        const at = block * 128 + i
        const got = bits === 8 ? bytes[at]! : (bytes[at >> 1]! >> (4 * (i & 1))) & 15
        if (Math.abs(exact - Math.floor(exact) - 0.5) < 1e-5) ties++
        else expect(got).toBe(want)
        squaredErrors += (x - (got - half) * scales[block]!) ** 2
      }
    }
    expect(ties).toBeLessThan(20)
    expect((found as { squaredErrors: number }).squaredErrors).toBeCloseTo(squaredErrors, 3)
  })

  it('errs by half a step at most, but for the one integer that is missing above', () => {
    const values = normals(4, 128 * 100)
    const { bytes, scales } = quantized(createKernel(room), { kind: 'float32', bits: 4, blockSize: 128, values })
    const back = dequantize(bytes, scales, 4, 128)
    for (const [i, x] of values.entries()) {
      const step = Math.abs(scales[i >> 7]!)
      expect(Math.abs(x - back[i]!)).toBeLessThanOrEqual(step * (x / scales[i >> 7]! > 7.5 ? 1.0001 : 0.50001))
    }
  })
})

describe('search', () => {
  const lost = (search: boolean, bits: 4 | 8, weights?: Float32Array) => {
    const values = normals(5, 128 * 200)
    const given: Case = { kind: 'float32', bits, blockSize: 128, values, search, ...(weights && { weights }) }
    const { bytes, scales } = quantized(createKernel(room), given)
    const back = dequantize(bytes, scales, bits, 128)
    return values.reduce((sum, x, i) => sum + (x - back[i]!) ** 2 * (weights?.[i % 128] ?? 1), 0)
  }

  it('loses less than plain rounding: a tenth of the squared error of int4 at least', () => {
    expect(lost(true, 4)).toBeLessThan(0.9 * lost(false, 4))
    expect(lost(true, 8)).toBeLessThanOrEqual(lost(false, 8))
  })

  it('takes what counts more for more', () => {
    const weights = Float32Array.from({ length: 128 }, (_, i) => (i < 16 ? 100 : 0.1))
    const values = normals(5, 128 * 200)
    const error = (chosen?: Float32Array) => {
      const { bytes, scales } = quantized(createKernel(room), {
        ...{ kind: 'float32' as const, bits: 4 as const, blockSize: 128, values, search: true },
        ...(chosen && { weights: chosen }),
      })
      const back = dequantize(bytes, scales, 4, 128)
      return values.reduce((sum, x, i) => sum + (x - back[i]!) ** 2 * weights[i % 128]!, 0)
    }
    expect(error(weights)).toBeLessThan(0.8 * error())
  })
})

describe.each([createJsKernel, createWasmKernel])('%o', create => {
  it.each(sourceKinds)('finds what is not finite in %s, in blocks and in kept tensors', kind => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const values = normals(6, 128 * 3)
      values[128 + 77] = bad
      const kernel = create(room)
      expect(quantized(kernel, { kind, bits: 4, blockSize: 128, values }).found).toEqual({ notFinite: 1 })
      const source = reservedBytes + 65536
      const length = stored(values, kind).length
      expect(kernel.allFinite(source, length, kind)).toBe(false)
      expect(kernel.allFinite(source, length / 3, kind)).toBe(true)
    }
  })

  it('widens every one of the 65536 halves exactly', () => {
    const kernel = create(room)
    const finite = Uint16Array.from({ length: 65536 }, (_, i) => i).filter(bits => (bits & 0x7c00) !== 0x7c00)
    const values = float16ToFloat32(finite)
    // A block of 16 equal magnitudes comes back exactly: each is the lowest integer or its scale's opposite.
    for (let at = 0; at < values.length; at += 1024) {
      const blocks = Float32Array.from({ length: 1024 * 16 }, (_, i) => -Math.abs(values[at + (i >> 4)]!))
      const { scales } = quantized(kernel, {
        kind: 'float16',
        bits: 4,
        blockSize: 16,
        values: blocks.subarray(0, 16 * Math.min(1024, values.length - at)),
      })
      for (const [i, scale] of scales.entries()) expect(scale * -8 + 0).toBe(-Math.abs(values[at + i]!) + 0)
    }
  })
})
