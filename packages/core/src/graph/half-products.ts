import { type Node, type OnnxModel, onnxDataType } from './onnx.js'

/** Operators that multiply with weights, and which of their inputs are the weights and numbers of the same type. */
const products: Readonly<Record<string, { readonly weight: number; readonly halves: readonly number[] }>> = {
  MatMul: { weight: 1, halves: [0, 1] },
  FusedMatMul: { weight: 1, halves: [0, 1] },
  Gemm: { weight: 1, halves: [0, 1, 2] },
  Conv: { weight: 1, halves: [0, 1, 2] },
  MatMulNBits: { weight: 1, halves: [0, 2] }, // the scales; blocks of integers stay what they are
}

/**
 * Products with weights in half precision, between casts: half weights are taken as they lie in their file. What multiplies
 * two results (attention scores and what follows them), norms, sums and residuals stay float32: Stable Diffusion 2.1's scores
 * exceed half precision's range.
 */
export function halfProducts(model: OnnxModel): OnnxModel {
  const half = onnxDataType('float16')
  const float = onnxDataType('float32')
  const dtypes = new Map(model.initializers.map(({ name, dtype }) => [name, dtype]))
  const widenedFrom = new Map<string, string>()
  const turned = new Map<string, Node>()
  const isWeight = (name: string) =>
    dtypes.has(name) || widenedFrom.has(name) || turned.has(name) || model.constants.has(name)
  for (const node of model.nodes) {
    const [from] = node.inputs as [string]
    const [to] = node.outputs as [string]
    if (node.opType === 'Cast' && node.attributes.to === float && dtypes.has(from)) widenedFrom.set(to, from)
    if (node.opType === 'Transpose' && isWeight(from)) turned.set(to, node)
  }

  // In front, as the widening casts of the builder: what stands first runs right before its use.
  const front: Node[] = []
  const nodes: Node[] = []
  const halved = new Map<string, string>()
  const toHalf = (name: string): string => {
    const known = halved.get(name)
    if (known) return known
    const stored = widenedFrom.get(name) ?? name
    if (dtypes.get(stored) === 'float16') return stored
    const made = `${name}.float16`
    const turning = turned.get(name)
    if (turning) front.push({ ...turning, name: made, inputs: [toHalf(turning.inputs[0]!)], outputs: [made] })
    else (isWeight(name) ? front : nodes).push(castNode(stored, made, half))
    halved.set(name, made)
    return made
  }
  for (const node of model.nodes) {
    const product = products[node.opType]
    if (!product || !isWeight(node.inputs[product.weight]!)) {
      nodes.push(node)
      continue
    }
    const inputs = node.inputs.map((name, i) => (name !== '' && product.halves.includes(i) ? toHalf(name) : name))
    const [output] = node.outputs as [string]
    const narrow = `${output}.half`
    nodes.push({ ...node, inputs, outputs: [narrow] }, castNode(narrow, output, float))
  }
  const spare = new Set([...widenedFrom.keys(), ...turned.keys()])
  return { ...model, nodes: withoutUnused([...front, ...nodes], spare) }
}

function castNode(input: string, output: string, to: number): Node {
  return { opType: 'Cast', domain: '', name: `cast/${output}`, inputs: [input], outputs: [output], attributes: { to } }
}

/** Without the copies of weights among `spare` that nobody takes any more. */
function withoutUnused(nodes: readonly Node[], spare: ReadonlySet<string>): Node[] {
  const used = new Set<string>()
  const kept: Node[] = []
  for (const node of nodes.toReversed()) {
    if (spare.has(node.outputs[0]!) && !used.has(node.outputs[0]!)) continue
    for (const name of node.inputs) used.add(name)
    kept.push(node)
  }
  return kept.reverse()
}
