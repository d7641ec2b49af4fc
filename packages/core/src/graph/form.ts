import type { GraphForm } from './graph.js'
import { halfProducts } from './half-products.js'
import { type Node, type OnnxModel, onnxDataType } from './onnx.js'
import { plainAttention } from './plain-attention.js'
import { plainProducts } from './plain-products.js'
import { unrounded } from './unrounded.js'

/** As the builder writes it. */
export const asBuilt: GraphForm = {
  computeDtype: 'float32',
  fusedMatMul: true,
  fusedAttention: true,
  roundedActivations: true,
  halves: true,
}

/** The model in the form that a session's providers need. */
export function writtenFor(model: OnnxModel, form: GraphForm = asBuilt): OnnxModel {
  let written = form.fusedAttention ? model : plainAttention(model)
  if (!form.fusedMatMul) written = plainProducts(written)
  if (!form.roundedActivations) written = unrounded(written)
  if (!form.halves) written = widenedTables(written)
  return form.computeDtype === 'float16' ? halfProducts(written) : written
}

/** Rows of half tables, taken from float32 copies of them instead; the copies are made when the session is. */
function widenedTables(model: OnnxModel): OnnxModel {
  const float = onnxDataType('float32')
  const tables = new Set(model.initializers.filter(({ dtype }) => dtype !== 'float32').map(({ name }) => name))
  const casts = new Map<string, Node>()
  const nodes = model.nodes.map(node => {
    const [table, ...rest] = node.inputs as [string, ...string[]]
    if (node.opType !== 'Gather' || !tables.has(table)) return node
    const name = `${table}.widened`
    casts.set(name, {
      opType: 'Cast',
      domain: '',
      name,
      inputs: [table],
      outputs: [name],
      attributes: { to: float },
    })
    return { ...node, inputs: [name, ...rest] }
  })
  return { ...model, nodes: [...casts.values(), ...nodes] }
}

/** Types of a model's operators, with the domain of those that are not ONNX's. */
export function operatorsOf({ nodes }: OnnxModel): ReadonlySet<string> {
  return new Set(nodes.map(({ opType, domain }) => (domain === '' ? opType : `${domain}.${opType}`)))
}
