import { MissingDependencyError } from '../errors.js'
import type { Graph, GraphForm } from '../graph/graph.js'
import { settleForm } from '../session/device-form.js'
import { tryOperator } from '../session/device-samples.js'
import { type OrtRuntime, runtimeMessage } from '../session/ort-session.js'
import type { Device, ProviderPlan } from '../session/providers.js'
import type { SessionOptions } from '../session/types.js'

/** What onnxruntime-web calls its CPU provider. */
export const cpuProvider = 'wasm'

/**
 * Whether a build of onnxruntime-web computes on a device here, and rightly: a product, compared with WebAssembly's.
 * @param ort the module as imported: `onnxruntime-web/webgpu` carries 'webgpu', `onnxruntime-web/wasm` none
 * @throws MissingDependencyError saying why not
 */
export async function requireWebDevice(ort: OrtRuntime, device: Device): Promise<void> {
  if (device === 'cpu') return
  try {
    await tryOperator(ort, device, 'MatMul', cpuProvider)
  } catch (cause) {
    throw new MissingDependencyError({
      dependency: device,
      message: `the device ${device} does not start in this browser: ${runtimeMessage(cause)}`,
      hint: "Browsers have 'webgpu', where their maker supports it on this system, with onnxruntime-web/webgpu. Or take 'cpu'.",
      cause,
    })
  }
}

const started = new WeakMap<OrtRuntime, Map<Device, Promise<void>>>()

/** How a graph is to be written for a plan's device. @throws as `requireWebDevice` and `settleForm` */
export async function webForm(
  ort: OrtRuntime,
  { device, form }: ProviderPlan,
  graph: Graph,
  { keepHalf }: SessionOptions,
): Promise<GraphForm> {
  if (device === undefined || device === 'cpu') return form
  const known = started.get(ort) ?? new Map<Device, Promise<void>>()
  started.set(ort, known)
  const starting = known.get(device) ?? requireWebDevice(ort, device)
  known.set(device, starting)
  await starting
  return settleForm(ort, device, form, graph, keepHalf, cpuProvider)
}
