import { kernelBase64 } from './kernel-wasm.js'
import {
  type BlockRun,
  notFiniteFrom,
  type QuantizeKernel,
  type RunError,
  type SourceKind,
  sourceKinds,
} from './types.js'

interface Exports {
  quantize(...places: readonly number[]): number
  largest(at: number, bytes: number, wide: number): number
}

const pageBytes = 65536

/** The kernel with SIMD: made of kernel.wat, gives the same bytes as the one in JavaScript. @throws where SIMD is missing */
export function createWasmKernel(bytes: number): QuantizeKernel {
  const pages = Math.ceil(bytes / pageBytes)
  const linear = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const code = Uint8Array.from(atob(kernelBase64), character => character.charCodeAt(0))
  const instance = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory: linear } })
  const exports = instance.exports as unknown as Exports
  const memory = new Uint8Array(linear.buffer)
  const view = new DataView(linear.buffer)

  function quantize(run: BlockRun): RunError | { readonly notFinite: number } {
    const { source, kind, blocks, blockSize, bits, target, scales, candidates, weights } = run
    memory.fill(0, 0, 32)
    const tried = [candidates?.at ?? 0, candidates?.count ?? 0]
    const columns = [weights.at, weights.blocks]
    const kindIndex = sourceKinds.indexOf(kind)
    const bad = exports.quantize(source, kindIndex, blocks, blockSize, bits, target, scales, ...tried, ...columns)
    if (bad >= 0) return { notFinite: bad }
    return {
      squares: view.getFloat64(0, true),
      squaredErrors: view.getFloat64(8, true),
      largestError: view.getFloat32(16, true),
    }
  }

  function allFinite(at: number, length: number, kind: SourceKind): boolean {
    return exports.largest(at, length, kind === 'float32' ? 1 : 0) < notFiniteFrom[kind]
  }

  return { name: 'wasm', memory, quantize, allFinite }
}
