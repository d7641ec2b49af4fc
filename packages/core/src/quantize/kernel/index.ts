import { createJsKernel } from './js-kernel.js'
import type { QuantizeKernel } from './types.js'
import { createWasmKernel } from './wasm-kernel.js'

/**
 * A kernel with `bytes` of memory at least: WebAssembly's where the runtime has SIMD (every Node from 16.4 on, all current
 * browsers), else the ten times slower one in JavaScript. Both give the same bytes.
 */
export function createKernel(bytes: number): QuantizeKernel {
  try {
    return createWasmKernel(bytes)
  } catch (error) {
    if (typeof WebAssembly === 'object' && !(error instanceof WebAssembly.CompileError)) throw error
    return createJsKernel(bytes)
  }
}
