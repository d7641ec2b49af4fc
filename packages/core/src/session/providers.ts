import { InvalidArgumentError } from '../errors.js'
import type { GraphForm } from '../graph/graph.js'
import type { SessionOptions } from './types.js'

/** What graphs can run on. The original runs on 'cuda' alone. */
export const devices = ['cpu', 'cuda', 'webgpu', 'coreml', 'dml'] as const
export type Device = (typeof devices)[number]

/** @param argument names where the text comes from. @throws InvalidArgumentError naming what is known */
export function readDevice(text: string, argument: string): Device {
  const found = devices.find(device => device === text)
  if (found) return found
  throw new InvalidArgumentError({ argument, message: `must be one of ${devices.join(', ')}, not ${text}` })
}

/** What a session asks its runtime for. */
export interface ProviderPlan {
  /** Absent where the caller names providers. */
  readonly device?: Device
  /** In the order in which they may take operators. */
  readonly providers: readonly string[]
  /** How graphs are written for them. */
  readonly form: GraphForm
}

/** Providers whose kernels include onnxruntime's fused operators; for others graphs are written in operators of ONNX. */
const fusing: ReadonlySet<string> = new Set(['cpu', 'cuda', 'dml', 'wasm'])

/** As far as it is known without asking the device. */
function formFor(providers: readonly string[], computeDtype: GraphForm['computeDtype']): GraphForm {
  const fused = providers.every(name => fusing.has(name))
  return { computeDtype, fusedMatMul: fused, fusedAttention: fused, roundedActivations: fused, halves: true }
}

/**
 * Settles device, providers and arithmetic of a session.
 * @param cpu what the runtime calls its CPU provider
 * @param preferred device where the options name none
 * @throws InvalidArgumentError for an unknown device, or for a device beside providers
 */
export function planProviders(options: SessionOptions, cpu: string, preferred: Device = 'cpu'): ProviderPlan {
  const { executionProviders, computeDtype } = options
  if (computeDtype !== undefined && computeDtype !== 'float32' && computeDtype !== 'float16')
    throw new InvalidArgumentError({
      argument: 'computeDtype',
      message: `must be float32 or float16, not ${String(computeDtype)}`,
    })
  if (executionProviders) {
    if (options.device !== undefined)
      throw new InvalidArgumentError({
        argument: 'device',
        message: 'says the same as executionProviders: give one of them',
      })
    return { providers: executionProviders, form: formFor(executionProviders, computeDtype ?? 'float32') }
  }
  const device = options.device === undefined ? preferred : readDevice(options.device, 'device')
  // Widened to float32, weights that were kept half for want of memory would not fit a GPU either.
  const stored = device !== 'cpu' && options.keepHalf ? 'float16' : 'float32'
  return {
    device,
    providers: device === 'cpu' ? [cpu] : [device, cpu],
    form: formFor([device], computeDtype ?? stored),
  }
}

/**
 * Options of a small network beside a large one: on the CPU, whatever the environment says, unless a device is named. There
 * is little to gain elsewhere.
 */
export function onCpuUnlessSaid<T extends SessionOptions>(options: T): T {
  return options.device === undefined && options.executionProviders === undefined
    ? { ...options, device: 'cpu' }
    : options
}
