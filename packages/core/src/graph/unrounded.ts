import type { Node, OnnxModel } from './onnx.js'

/**
 * Without the rounding of activations to uint8, for devices that have no QuantizeLinear: there it would run on the CPU, with a
 * copy there and back around every layer. int8 weights stay what they are; results are a little closer to float32.
 */
export function unrounded(model: OnnxModel): OnnxModel {
  const taking = new Map<string, Node[]>()
  for (const node of model.nodes) for (const name of node.inputs) taking.set(name, [...(taking.get(name) ?? []), node])
  // What else takes the integers, as a product of integers does, needs them.
  const rounds = ({ opType, outputs: [name] }: Node) =>
    opType === 'QuantizeLinear' && taking.get(name!)?.every(node => node.opType === 'DequantizeLinear')
  const rounded = new Map(model.nodes.filter(rounds).map(({ inputs, outputs }) => [outputs[0]!, inputs[0]!]))
  const widened = model.nodes.filter(({ inputs: [name] }) => rounded.has(name!))
  const before = new Map(widened.map(({ inputs, outputs }) => [outputs[0]!, rounded.get(inputs[0]!)!]))
  const unroundedName = (name: string): string => (before.has(name) ? unroundedName(before.get(name)!) : name)
  const nodes = model.nodes
    .filter(({ outputs: [name] }) => !rounded.has(name!) && !before.has(name!))
    .map((node): Node => ({ ...node, inputs: node.inputs.map(unroundedName) }))
  return { ...model, nodes }
}
