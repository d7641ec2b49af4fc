import { readFile, realpath } from 'node:fs/promises'
import { dirname, join, parse, relative, resolve, sep } from 'node:path'
import type { WeightSource } from '@viscpm/core'
import type { ExternalInitializer, Graph, Placement } from '@viscpm/core/graph'
import type { CheckpointReport } from '@viscpm/core/weights'
import { CommandError } from '../../failures.js'
import type { Messages } from '../../messages/index.js'

export interface WrittenGraph {
  readonly file: string
  readonly nodes: number
  /** Initializers that stay in the checkpoint. */
  readonly weights: number
  /** Some of them lie in another folder than the graph. */
  readonly elsewhere: boolean
}

/**
 * Writes the ONNX graphs of a checkpoint; their weights stay in it. VisCPM-Chat is two graphs: the language model
 * becomes `out`, the vision part `NAME.vision.onnx` beside it.
 * @throws CommandError where there is no graph for this kind or no configuration; the libraries' errors for keys and
 * shapes; WriteFailedError
 */
export async function writeGraphs(
  weights: WeightSource,
  report: CheckpointReport,
  config: string | undefined,
  out: string,
  t: Messages,
): Promise<WrittenGraph[]> {
  const { withPrefix } = await import('@viscpm/core/weights')
  const source = report.prefix ? withPrefix(weights, report.prefix) : weights
  const graphs = await buildGraphs(source, report, config, t)
  const written: WrittenGraph[] = []
  for (const [part, graph] of graphs) {
    const { dir, name } = parse(out)
    written.push(await writeGraph(graph, part === 'vision' ? join(dir, `${name}.vision.onnx`) : out))
  }
  return written
}

async function buildGraphs(
  weights: WeightSource,
  report: CheckpointReport,
  config: string | undefined,
  t: Messages,
): Promise<readonly (readonly ['llm' | 'vision', Graph])[]> {
  const { kind, published } = report
  if (kind !== 'viscpm-chat' && kind !== 'cpm-bee')
    throw new CommandError(t.inspect.graphNotFor(t.inspect.kinds[kind] ?? kind), t.inspect.graphNotForHint)
  if (config === undefined && !published)
    throw new CommandError(t.inspect.graphNeedsConfig, t.inspect.graphNeedsConfigHint)
  const json = config === undefined ? undefined : await readConfig(config)
  const { buildCpmBeeGraph, cpmBee10b, parseCpmBeeConfig } = await import('@viscpm/cpm-bee')
  if (kind === 'cpm-bee') {
    const sizes = json === undefined ? cpmBee10b : parseCpmBeeConfig(json.cpm_bee ?? json)
    return [['llm', (await buildCpmBeeGraph({ weights, config: sizes })).graph]]
  }
  const { parseChatConfig, publishedChat } = await import('@viscpm/chat')
  const { buildQFormerGraph } = await import('@viscpm/qformer')
  const chat = json === undefined ? publishedChat : parseChatConfig(json)
  const llm = await buildCpmBeeGraph({ weights, config: chat.llm, prefix: 'llm.' })
  const vision = await buildQFormerGraph({ weights, config: chat.vision })
  return [
    ['llm', llm.graph],
    ['vision', vision.graph],
  ]
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8')
  try {
    const json: unknown = JSON.parse(text)
    return json !== null && typeof json === 'object' ? (json as Record<string, unknown>) : {}
  } catch (cause) {
    throw new CommandError(`${file}: ${(cause as Error).message}`, undefined, cause)
  }
}

async function writeGraph(graph: Graph, file: string): Promise<WrittenGraph> {
  const { writeFileAtomic } = await import('@viscpm/core/node')
  // Links on the way would turn a relative path elsewhere.
  const given = dirname(resolve(file))
  const folder = await realpath(given).catch(() => given)
  const placed = new Map<ExternalInitializer, Placement>()
  for (const initializer of graph.initializers) {
    const { source, offset, length } = initializer.location
    placed.set(
      initializer,
      source.path === undefined
        ? { bytes: await source.read(offset, length) }
        : { file: relative(folder, source.path).split(sep).join('/'), offset, length },
    )
  }
  await writeFileAtomic(
    file,
    graph.toOnnx(initializer => placed.get(initializer)!),
  )
  const files = [...placed.values()].flatMap(placement => ('file' in placement ? [placement.file] : []))
  return {
    file,
    nodes: graph.nodeCount,
    weights: files.length,
    elsewhere: files.some(path => path.includes('/')),
  }
}
