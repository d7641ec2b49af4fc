import { float32, int64, type Tensor } from '../tensor.js'
import type { Node, OnnxModel } from './onnx.js'
import { ranksOf } from './ranks.js'
import { Rewriter } from './rewriter.js'

/**
 * FusedMatMul as Transpose, Mul and MatMul, for providers that have no kernel for it (WebGPU, CoreML). Transposed weights are
 * folded when the session is made.
 */
export function plainProducts(model: OnnxModel): OnnxModel {
  const constants = new Map<string, Tensor>(model.constants)
  const nodes: Node[] = []
  const ranks = ranksOf(model)
  const caches = varyingRows(model)
  for (const node of model.nodes) {
    const rewriter = new Rewriter(node.name, constants, nodes)
    const rank = ranks.get(node.inputs[1]!)
    if (node.opType === 'MatMul' && caches.has(node.inputs[1]!) && rank) asPaddedMatMul(node, rank, rewriter)
    else if (node.opType === 'FusedMatMul' && isPlain(node.attributes) && rank) asMatMul(node, rank, rewriter)
    else nodes.push(node)
  }
  return { ...model, nodes, constants }
}

/** Operators that leave the number of a matrix's rows to their input. */
const passing: ReadonlySet<string> = new Set(['Cast', 'Reshape', 'Transpose', 'Unsqueeze', 'Slice', 'Mul'])

/** What comes from inputs with a size that varies before the last: caches, which may be empty. */
function varyingRows({ inputs, nodes }: OnnxModel): ReadonlySet<string> {
  const found = new Set(inputs.filter(({ shape }) => typeof shape.at(-2) === 'string').map(({ name }) => name))
  for (const { opType, inputs: from, outputs } of nodes)
    if (passing.has(opType) && found.has(from[0]!)) found.add(outputs[0]!)
  return found
}

/** Only what the builder writes is known to be rewritten rightly. */
const isPlain = (attributes: Node['attributes']): boolean =>
  Object.entries(attributes).every(([name, value]) => name === 'transB' || name === 'alpha' || value === 0)

/** alpha * a @ b, b transposed in its last two dimensions if asked. */
function asMatMul({ inputs, outputs, attributes: { transB, alpha } }: Node, rank: number, w: Rewriter): void {
  const [a, b] = inputs as [string, string]
  const factor = typeof alpha === 'object' && 'float' in alpha ? alpha.float : 1
  const left = factor === 1 ? a : w.op('Mul', [a, w.constant(float32([factor], []))])
  const perm = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i))
  const right = transB === 1 ? w.op('Transpose', [b], { perm }) : b
  w.op('MatMul', [left, right], {}, outputs[0]!)
}

/**
 * a: [..., m, k] times b: [..., k, n], with a column and a row of zeros more: onnxruntime 1.30's WebGPU ends the process where
 * k is 0, as it is with an empty cache.
 */
function asPaddedMatMul({ inputs: [a, b], outputs }: Node, rank: number, w: Rewriter): void {
  const padded = (value: string, axis: number) => {
    // All axes: onnxruntime moves transpositions wrongly past a Pad that names some.
    const pads = new Array<number>(2 * rank).fill(0)
    pads[rank + axis] = 1
    return w.op('Pad', [value, w.constant(int64(pads))])
  }
  w.op('MatMul', [padded(a!, rank - 1), padded(b!, rank - 2)], {}, outputs[0]!)
}
