import { SessionError } from '../errors.js'
import type { Graph } from '../graph/graph.js'
import type { Tensor } from '../tensor.js'

/** Names every input that is missing, unknown, or of another dtype or shape, before anything runs. @throws SessionError */
export function checkFeeds(graph: Graph, feeds: Readonly<Record<string, Tensor>>): void {
  const problems: string[] = []
  const sizes = new Map<string, number>()
  for (const { name, dtype, shape } of graph.inputs) {
    const fed = feeds[name]
    if (!fed) problems.push(`${name} is missing`)
    else if (fed.dtype !== dtype) problems.push(`${name} is ${fed.dtype}, not ${dtype}`)
    else if (fed.shape.length !== shape.length || shape.some((d, i) => !fits(d, fed.shape[i]!, sizes)))
      problems.push(`${name} is [${fed.shape}], not [${shape}]`)
  }
  for (const name of Object.keys(feeds))
    if (!graph.inputs.some(v => v.name === name)) problems.push(`${name} is no input`)
  if (problems.length > 0) throw new SessionError({ message: `${graph.name}: ${problems.join('; ')}` })
}

function fits(dim: number | string, size: number, sizes: Map<string, number>): boolean {
  if (typeof dim === 'number') return dim === size
  const seen = sizes.get(dim)
  if (seen === undefined) sizes.set(dim, size)
  return seen === undefined || seen === size
}

/** The outputs to fetch: all, or those asked for. @throws SessionError naming an unknown one. */
export function checkOutputs(graph: Graph, outputs: readonly string[] | undefined): readonly string[] {
  const known = graph.outputs.map(v => v.name)
  const unknown = outputs?.filter(name => !known.includes(name)) ?? []
  if (unknown.length > 0) throw new SessionError({ message: `${graph.name} has no output ${unknown.join(', ')}` })
  return outputs ?? known
}
