import { SessionError } from '../errors.js'
import type { Graph, GraphForm } from '../graph/graph.js'
import { halfSample, tryOperator } from './device-samples.js'
import type { OrtRuntime } from './ort-session.js'
import type { Device } from './providers.js'

/**
 * How a graph is to be written for a device that has started: with the fused operators that it computes rightly.
 * @param cpu what the runtime calls its CPU provider
 * @throws SessionError where the device cannot run the graph: no half precision, or none of its products
 */
export async function settleForm(
  ort: OrtRuntime,
  device: Device,
  form: GraphForm,
  graph: Graph,
  keepHalf: boolean | undefined,
  cpu = 'cpu',
): Promise<GraphForm> {
  const halves = await computes(ort, device, halfSample, cpu)
  const stored = graph.initializers.some(({ dtype }) => dtype === 'float16' || dtype === 'bfloat16')
  if (!halves && (form.computeDtype === 'float16' || (keepHalf && stored)))
    throw new SessionError({
      message: `${graph.name}: the device ${device} does not compute in half precision here`,
      hint: 'Take computeDtype float32 and weights that fit in float32, or quantized ones. Or run without: --device cpu.',
    })
  const operators = graph.operators()
  const takes = async (operator: string) => operators.has(operator) && computes(ort, device, operator, cpu)
  const settled: GraphForm = {
    computeDtype: form.computeDtype,
    fusedMatMul: await takes('com.microsoft.FusedMatMul'),
    fusedAttention: await takes('com.microsoft.MultiHeadAttention'),
    roundedActivations: await takes('QuantizeLinear'),
    halves,
  }
  await requireProducts(ort, device, graph, settled, cpu)
  return settled
}

/** Where nearly all the time goes: a device that takes none of a graph's takes nothing worth having. */
const heavy: readonly string[] = ['MatMul', 'Gemm', 'Conv', 'com.microsoft.FusedMatMul', 'com.microsoft.MatMulNBits']

/** Refuses a graph of which the device would compute no product at all: it would run on the CPU under another name. */
async function requireProducts(
  ort: OrtRuntime,
  device: Device,
  graph: Graph,
  form: GraphForm,
  cpu: string,
): Promise<void> {
  const operators = graph.operators(form)
  const products = heavy.filter(name => operators.has(name))
  for (const product of products) if (await computes(ort, device, product, cpu)) return
  if (products.length > 0)
    throw new SessionError({
      message: `${graph.name}: the device ${device} computes none of its products (${products.join(', ')})`,
      hint: 'Quantized weights run on cpu, cuda, webgpu and dml. Or run without: --device cpu.',
    })
}

const tried = new WeakMap<object, Map<string, Promise<boolean>>>()

/** Whether a device computes an operator, and rightly; tried once. */
function computes(ort: OrtRuntime, device: Device, operator: string, cpu: string): Promise<boolean> {
  const known = tried.get(ort) ?? new Map<string, Promise<boolean>>()
  tried.set(ort, known)
  const key = `${device} ${operator}`
  const trying =
    known.get(key) ??
    tryOperator(ort, device, operator, cpu).then(
      () => true,
      () => false,
    )
  known.set(key, trying)
  return trying
}
