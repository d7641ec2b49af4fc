import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { MissingDependencyError } from '../errors.js'
import type { Graph, GraphForm } from '../graph/graph.js'
import { settleForm } from '../session/device-form.js'
import { tryOperator } from '../session/device-samples.js'
import { runtimeMessage } from '../session/ort-session.js'
import { type Device, devices, type ProviderPlan, readDevice } from '../session/providers.js'
import type { SessionOptions } from '../session/types.js'

type Ort = typeof import('onnxruntime-node')

/** The device that the environment asks for. @throws InvalidArgumentError for an unknown one */
export function preferredDevice(env: Readonly<Record<string, string | undefined>> = process.env): Device {
  const text = env.VISCPM_DEVICE
  return text === undefined || text === '' ? 'cpu' : readDevice(text, 'VISCPM_DEVICE')
}

/** What it takes to have a device, where onnxruntime-node cannot start it. */
const needs: Readonly<Record<Device, string>> = {
  cpu: 'npm install onnxruntime-node',
  cuda: 'Linux x64, an NVIDIA driver, CUDA 12 and cuDNN 9 on the library path, and the libraries that `npm install onnxruntime-node --onnxruntime-node-install=cuda12` downloads. On Windows use dml or webgpu.',
  webgpu:
    'A GPU driver: Vulkan on Linux (libvulkan1 and the maker’s driver, e.g. mesa-vulkan-drivers), Direct3D 12 on Windows, Metal on macOS. onnxruntime-node carries it everywhere but for Linux on arm64.',
  coreml: 'A Mac: only there onnxruntime-node carries CoreML.',
  dml: 'Windows: only there onnxruntime-node carries DirectML.',
}

/** A device of this installation. */
export interface DeviceState {
  readonly device: Device
  /**
   * `started`: it has computed. `failed`: the package carries it, and it did not start. `incomplete`: its libraries were not
   * installed. `absent`: onnxruntime-node has it not for this platform.
   */
  readonly state: 'started' | 'failed' | 'incomplete' | 'absent'
  /** What the runtime says of one that failed. */
  readonly reason?: string
}

function carried(ort: Pick<Ort, 'listSupportedBackends'>): ReadonlySet<string> {
  return new Set(ort.listSupportedBackends().map(({ name }) => name))
}

/**
 * Makes sure, before any weight is read, that the device of a plan is there and computes this graph's products. Left alone,
 * onnxruntime drops a provider that it does not know, and everything runs on the CPU.
 * @returns how the graph is to be written
 * @throws MissingDependencyError saying what is missing; SessionError where the device cannot run the graph
 */
export async function requireProviders(
  ort: Ort,
  { device, form }: ProviderPlan,
  graph: Graph,
  { keepHalf }: SessionOptions,
): Promise<GraphForm> {
  if (device === undefined || device === 'cpu') return form
  await requireDevice(ort, device)
  return settleForm(ort, device, form, graph, keepHalf)
}

const started = new WeakMap<object, Map<Device, Promise<void>>>()

function requireDevice(ort: Ort, device: Device): Promise<void> {
  if (device === 'cpu') return Promise.resolve()
  const known = started.get(ort) ?? new Map<Device, Promise<void>>()
  started.set(ort, known)
  const starting = known.get(device) ?? start(ort, device)
  known.set(device, starting)
  return starting
}

async function start(ort: Ort, device: Device): Promise<void> {
  const missing = (message: string, cause?: unknown) =>
    new MissingDependencyError({
      dependency: device,
      message,
      hint: `${needs[device]} Or run without: --device cpu.`,
      ...(cause !== undefined && { cause }),
    })
  if (!carried(ort).has(device)) {
    const here = devices.filter(name => carried(ort).has(name)).join(', ')
    throw missing(
      `the device ${device} is not in onnxruntime-node for ${process.platform} ${process.arch} (it has: ${here})`,
    )
  }
  if (await lacksLibraries(ort, device))
    throw missing(`the libraries of the device ${device} do not lie beside onnxruntime-node`)
  try {
    await tryOperator(ort, device, 'MatMul')
  } catch (cause) {
    throw missing(`the device ${device} does not start: ${runtimeMessage(cause)}`, cause)
  }
}

/** True where a provider's libraries, too large for the registry, were not downloaded; asking the runtime would print errors. */
async function lacksLibraries(ort: Ort, device: Device): Promise<boolean> {
  if (ort.listSupportedBackends().find(({ name }) => name === device)?.bundled !== false) return false
  try {
    const folder = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')), 'bin')
    const files = await readdir(folder, { recursive: true })
    return !files.some(file => basename(file).includes(`onnxruntime_providers_${device}`))
  } catch {
    return false // laid out in another way: the runtime will say
  }
}

/** Tries every device. */
export async function listDevices(): Promise<readonly DeviceState[]> {
  const loaded = await import('onnxruntime-node')
  const ort = (loaded as { default?: Ort }).default ?? loaded
  const states: DeviceState[] = []
  for (const device of devices) states.push(await stateOf(ort, device))
  return states
}

async function stateOf(ort: Ort, device: Device): Promise<DeviceState> {
  if (!carried(ort).has(device)) return { device, state: 'absent' }
  if (await lacksLibraries(ort, device)) return { device, state: 'incomplete' }
  try {
    await requireDevice(ort, device)
    return { device, state: 'started' }
  } catch (error) {
    return { device, state: 'failed', reason: runtimeMessage((error as Error).cause ?? error) }
  }
}
