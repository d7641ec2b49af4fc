import { type GraphBuilder, Module, Parameter, type Value } from '@viscpm/core/graph'

/** Shows a module's result under the module's path, e.g. `down_blocks.0.resnets.1`, where that is wanted; returns it. */
export type Observe = (module: Module, result: Value, rank: number) => Value

/** Makes the result of every module inside `root` a float32 output of the graph, or of none. */
export function observer(g: GraphBuilder, root: Module, wanted: boolean): Observe {
  if (!wanted) return (_, result) => result
  const paths = new Map<unknown, string>()
  collect(root, '', paths)
  return (module, result, rank) => {
    const name = paths.get(module)!
    // One name per dimension: the runtime takes equal names for equal sizes.
    const shape = ['batch', ...Array.from({ length: rank - 1 }, (_, i) => `${name}:${i + 1}`)]
    g.output(name, result, 'float32', shape)
    return result
  }
}

function collect(value: unknown, path: string, paths: Map<unknown, string>): void {
  if (value === null || typeof value !== 'object' || value instanceof Parameter) return
  if (value instanceof Module) paths.set(value, path)
  for (const [field, inner] of Object.entries(value)) collect(inner, path ? `${path}.${field}` : field, paths)
}
