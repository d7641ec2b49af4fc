import { float32, int64, type Tensor } from '../tensor.js'
import { type Node, type OnnxModel, onnxDataType } from './onnx.js'
import { Rewriter } from './rewriter.js'

/** MultiHeadAttention's inputs that the builder gives; with others it is not known to be rewritten rightly. */
const keyPaddingMask = 4

/** What onnxruntime adds to the scores of a hidden key. */
const hidden = -10_000

/**
 * MultiHeadAttention in operators of ONNX, for devices that lack it or compute it wrongly: the scores of all heads are in
 * memory at once.
 */
export function plainAttention(model: OnnxModel): OnnxModel {
  const constants = new Map<string, Tensor>(model.constants)
  const nodes: Node[] = []
  for (const node of model.nodes)
    if (node.opType === 'MultiHeadAttention' && isPlain(node)) writeOut(node, new Rewriter(node.name, constants, nodes))
    else nodes.push(node)
  return { ...model, nodes, constants }
}

function isPlain({ inputs, attributes }: Node): boolean {
  const given = inputs.flatMap((name, i) => (name === '' ? [] : [i]))
  return attributes.scale !== undefined && given.every(i => i < 3 || i === keyPaddingMask)
}

/**
 * softmax(scale * q k^T + mask) v. q: [batch, rows, heads * dim], k and v: [batch, keys, heads * dim], mask: int32
 * [batch, keys] -> [batch, rows, heads * dim].
 */
function writeOut({ inputs, outputs, attributes }: Node, w: Rewriter): void {
  const [q, k, v] = inputs as [string, string, string]
  const mask = inputs[keyPaddingMask]
  const byHead = w.constant(int64([0, 0, attributes.num_heads as number, -1]))
  const heads = (x: string, perm: readonly number[]) => w.op('Transpose', [w.op('Reshape', [x, byHead])], { perm })
  const { float: scale } = attributes.scale as { readonly float: number }
  const scaled = w.op('Mul', [q, w.constant(float32([scale], []))])
  const scores = w.op('MatMul', [heads(scaled, [0, 2, 1, 3]), heads(k, [0, 2, 3, 1])]) // [batch, heads, rows, keys]
  const seen = mask ? w.op('Add', [scores, offsets(mask, w)]) : scores
  const mixed = w.op('MatMul', [w.op('Softmax', [seen], { axis: -1 }), heads(v, [0, 2, 1, 3])])
  const rows = w.op('Transpose', [mixed], { perm: [0, 2, 1, 3] })
  w.op('Reshape', [rows, w.constant(int64([0, 0, -1]))], {}, outputs[0]!)
}

/** int32 [batch, keys], 0 hides -> float32 [batch, 1, 1, keys]. */
function offsets(mask: string, w: Rewriter): string {
  const one = w.constant(float32([1], []))
  const shown = w.op('Cast', [mask], { to: onnxDataType('float32') })
  const added = w.op('Mul', [w.op('Sub', [one, shown]), w.constant(float32([hidden], []))])
  return w.op('Unsqueeze', [added, w.constant(int64([1, 2]))])
}
