import type { Node, OnnxModel } from './onnx.js'

/** Operators whose first output has as many dimensions as their first input. */
const keeping: ReadonlySet<string> = new Set([
  'Cast',
  'Concat',
  'Conv',
  'Cos',
  'Gelu',
  'InstanceNormalization',
  'LayerNormalization',
  'MatMulNBits',
  'Pad',
  'QuickGelu',
  'SimplifiedLayerNormalization',
  'Sin',
  'Slice',
  'Softmax',
  'Split',
])

/** Operators whose output has as many as the input that has most. */
const spreading: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'MatMul', 'FusedMatMul'])

/** The number of dimensions of the values of a model, where it follows from what the model says. */
export function ranksOf({ inputs, constants, initializers, nodes }: OnnxModel): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>()
  for (const { name, shape } of [...inputs, ...initializers]) ranks.set(name, shape.length)
  for (const [name, { shape }] of constants) ranks.set(name, shape.length)
  const lengths = new Map([...constants].map(([name, { shape }]) => [name, shape[0] ?? 1]))
  for (const node of nodes) {
    const rank = rankOf(node, ranks, lengths)
    if (rank !== undefined) for (const output of node.outputs) ranks.set(output, rank)
  }
  return ranks
}

function rankOf(
  { opType, inputs, attributes }: Node,
  ranks: ReadonlyMap<string, number>,
  lengths: ReadonlyMap<string, number>,
): number | undefined {
  const [first, second] = inputs.map(name => ranks.get(name))
  if (opType === 'Transpose') return (attributes.perm as readonly number[] | undefined)?.length
  if (opType === 'Reshape') return lengths.get(inputs[1]!)
  if (opType === 'Unsqueeze') return sum(first, lengths.get(inputs[1]!))
  if (opType === 'Gather') return sum(first, second, -1)
  if (opType.startsWith('Reduce')) return attributes.keepdims === 1 ? first : undefined
  if (spreading.has(opType)) return first === undefined || second === undefined ? undefined : Math.max(first, second)
  return keeping.has(opType) ? first : undefined
}

function sum(...terms: readonly (number | undefined)[]): number | undefined {
  return terms.reduce((all, term) => (all === undefined || term === undefined ? undefined : all + term), 0)
}
