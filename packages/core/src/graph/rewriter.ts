import type { Tensor } from '../tensor.js'
import type { Attribute, Node } from './onnx.js'

/** Puts nodes and constants in the place of one node; their names begin with its. */
export class Rewriter {
  private counter = 0

  constructor(
    private readonly name: string,
    private readonly constants: Map<string, Tensor>,
    private readonly nodes: Node[],
  ) {}

  /** @param output the replaced node's, for the last of its replacements */
  op(opType: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, output?: string): string {
    const name = `${this.name}/${opType}_${this.counter++}`
    this.nodes.push({ opType, domain: '', name, inputs, outputs: [output ?? name], attributes })
    return output ?? name
  }

  constant(value: Tensor): string {
    const name = `${this.name}/constant_${this.counter++}`
    this.constants.set(name, value)
    return name
  }
}
