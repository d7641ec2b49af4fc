/// <reference types="vite/client" />
import { type Backend, type Device, InvalidArgumentError, type Logger } from '@viscpm/core'
import { onnxruntimeWeb, requireWebDevice } from '@viscpm/core/web'
import wasmScript from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url'
import wasmBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url'

export interface RuntimeOptions {
  /** 'auto': WebGPU where the browser has it and computes rightly with it, else WebAssembly ('cpu'). Default 'auto'. */
  readonly device?: 'auto' | 'cpu' | 'webgpu'
  /** Of WebAssembly, where the page is cross-origin isolated; elsewhere it has one. Default: as many cores, at most 4. */
  readonly threads?: number
}

/** What computes. */
export interface RuntimeInfo {
  readonly device: Device
  readonly threads: number
  /** Why it is not what was wished for. */
  readonly note?: string
}

export interface Runtime {
  readonly info: RuntimeInfo
  readonly backend: Backend
  /** For sessions. */
  readonly options: { readonly device: Device }
}

type Ort = typeof import('onnxruntime-web/wasm')

function configure(ort: Ort, threads: number, mjs: string, wasm: string): void {
  ort.env.wasm.numThreads = threads
  // Both lie beside the page: nothing is loaded from elsewhere.
  ort.env.wasm.wasmPaths = { mjs, wasm }
  ort.env.logLevel = 'error'
}

/** Threads share memory, which browsers allow to pages alone that have no window of others beside them. */
function threadsOf(wished: number | undefined): { threads: number; note?: string } {
  if (wished !== undefined && !(Number.isSafeInteger(wished) && wished >= 1 && wished <= 64))
    throw new InvalidArgumentError({
      argument: 'threads',
      message: `must be a whole number from 1 to 64, not ${String(wished)}`,
    })
  const threads = wished ?? Math.min(4, navigator.hardwareConcurrency || 1)
  if (globalThis.crossOriginIsolated || threads === 1) return { threads }
  const note = 'one thread: the page is not cross-origin isolated (headers COOP and COEP)'
  return { threads: 1, note }
}

async function onWebAssembly(threads: number): Promise<Pick<Runtime, 'backend' | 'options'>> {
  const ort = await import('onnxruntime-web/wasm')
  configure(ort, threads, wasmScript, wasmBinary)
  return { backend: onnxruntimeWeb(ort), options: { device: 'cpu' } }
}

/** @throws MissingDependencyError where WebGPU does not start, or computes wrongly */
async function onWebGPU(threads: number): Promise<Pick<Runtime, 'backend' | 'options'>> {
  const [ort, script, binary] = await Promise.all([
    import('onnxruntime-web/webgpu'),
    import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url'),
    import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url'),
  ])
  configure(ort, threads, script.default, binary.default)
  await requireWebDevice(ort, 'webgpu')
  return { backend: onnxruntimeWeb(ort), options: { device: 'webgpu' } }
}

/** Why there is no WebGPU worth trying; undefined where there is. */
async function lacksWebGPU(): Promise<string | undefined> {
  const { gpu } = navigator as {
    gpu?: { requestAdapter(): Promise<{ info?: { isFallbackAdapter?: boolean } } | null> }
  }
  if (!gpu) return 'this browser has no WebGPU'
  const adapter = await gpu.requestAdapter().catch(() => null)
  if (!adapter) return 'this browser finds no graphics card for WebGPU'
  return adapter.info?.isFallbackAdapter ? 'WebGPU would run on the processor' : undefined
}

/**
 * Settles what computes, and loads onnxruntime's build for it.
 * @throws InvalidArgumentError; MissingDependencyError for a device that was asked for and is not there
 */
export async function openRuntime(
  { device = 'auto', threads: wished }: RuntimeOptions,
  logger: Logger,
): Promise<Runtime> {
  if (!['auto', 'cpu', 'webgpu'].includes(device))
    throw new InvalidArgumentError({ argument: 'device', message: `must be auto, cpu or webgpu, not ${device}` })
  const { threads, note } = threadsOf(wished)
  const info = (device: Device, notes: (string | undefined)[]): RuntimeInfo => {
    const told = notes.filter(text => text !== undefined).join('; ')
    return { device, threads, ...(told && { note: told }) }
  }
  if (device === 'webgpu') return { ...(await onWebGPU(threads)), info: info('webgpu', []) }
  let lacking = device === 'auto' ? await lacksWebGPU() : undefined
  if (device === 'auto' && lacking === undefined)
    try {
      return { ...(await onWebGPU(threads)), info: info('webgpu', []) }
    } catch (error) {
      lacking = (error as Error).message
    }
  const found = info('cpu', [lacking, note])
  if (found.note) logger.info(`computing with WebAssembly: ${found.note}`)
  return { ...(await onWebAssembly(threads)), info: found }
}
