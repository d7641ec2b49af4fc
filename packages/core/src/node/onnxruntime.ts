import { dirname, relative, sep } from 'node:path'
import { type DType, itemSize } from '../dtype.js'
import { MissingDependencyError, SessionError } from '../errors.js'
import type { ExternalInitializer, Graph, GraphForm, Placement } from '../graph/graph.js'
import { OrtSession, runtimeMessage } from '../session/ort-session.js'
import { planProviders } from '../session/providers.js'
import type { Backend, Session, SessionOptions } from '../session/types.js'
import { int8SumsOverflow } from './int8-sums.js'
import { preferredDevice, requireProviders } from './providers.js'

type Ort = typeof import('onnxruntime-node')

/** Weights that cannot be mapped from a file are put inside the model, which protocol buffers limit to 2 GiB. */
const maxInlineBytes = 1.9 * 2 ** 30

async function loadRuntime(): Promise<Ort> {
  try {
    const loaded = await import('onnxruntime-node')
    return (loaded as { default?: Ort }).default ?? loaded
  } catch (cause) {
    throw new MissingDependencyError({
      dependency: 'onnxruntime-node',
      message: 'onnxruntime-node is not installed or has no binary for this platform',
      hint: 'npm install onnxruntime-node',
      cause,
    })
  }
}

/** The folder most weights lie in: onnxruntime maps external data from one folder only. */
function mainFolder(initializers: readonly ExternalInitializer[]): string | undefined {
  const bytes = new Map<string, number>()
  for (const { location } of initializers) {
    const { path } = location.source
    if (path === undefined) continue
    const folder = dirname(path)
    bytes.set(folder, (bytes.get(folder) ?? 0) + location.length)
  }
  return [...bytes].sort((a, b) => b[1] - a[1])[0]?.[0]
}

function mappedFile(initializer: ExternalInitializer, folder: string | undefined): string | undefined {
  const { source, offset } = initializer.location
  if (folder === undefined || source.path === undefined || offset % itemSize(initializer.dtype) !== 0) return undefined
  const file = relative(folder, source.path)
  return file.startsWith('..') || file.includes(sep) ? undefined : file
}

async function placements(
  graph: Graph,
  folder: string | undefined,
  { signal, onProgress }: SessionOptions,
): Promise<Map<ExternalInitializer, Placement>> {
  const placed = new Map<ExternalInitializer, Placement>()
  let inline = 0
  for (const initializer of graph.initializers) {
    signal?.throwIfAborted()
    const { source, offset, length } = initializer.location
    const file = mappedFile(initializer, folder)
    if (file !== undefined) placed.set(initializer, { file, offset, length })
    else {
      inline += length
      if (inline > maxInlineBytes)
        throw new SessionError({
          message: `${source.name}: ${initializer.name} cannot be mapped from its file and the weights are too large to copy`,
          hint: 'Put all weight files into one folder, in torch zip or safetensors format.',
        })
      placed.set(initializer, { bytes: await source.read(offset, length) })
    }
    onProgress?.({ phase: 'weights', done: placed.size, total: graph.initializers.length, unit: 'tensors' })
  }
  return placed
}

const largeBytes = 2 ** 30
const halves: readonly DType[] = ['float16', 'bfloat16']

/**
 * 'disabled' for half weights that stay half: folding would turn them into float32 copies for good. 'extended' for large
 * graphs: 'all' also reorders the weights of convolutions, which takes longer than loading and brings nothing at that size;
 * and for int8 convolutions.
 */
function optimizationLevel(
  { initializers }: Graph,
  { keepHalf }: SessionOptions,
  { computeDtype }: GraphForm,
): 'disabled' | 'extended' | 'all' {
  // int8 convolutions are first made by optimizing; their layout that 'all' also changes is no faster, and then sizes of pictures
  // are not found.
  if (isInt8({ initializers })) return 'extended'
  const half = initializers.some(({ dtype }) => halves.includes(dtype))
  if (keepHalf && half && computeDtype === 'float32') return 'disabled'
  const bytes = initializers.reduce((sum, { location }) => sum + location.length, 0)
  return bytes > largeBytes ? 'extended' : 'all'
}

const isInt8 = ({ initializers }: Pick<Graph, 'initializers'>): boolean =>
  initializers.some(({ dtype }) => dtype === 'int8')

/**
 * Runs graphs with onnxruntime-node. Weights that lie in files of one folder are mapped in place; others are copied in.
 * @throws MissingDependencyError when the runtime is not installed, or has not the device that is asked for
 */
export function onnxruntimeNode(): Backend {
  return {
    name: 'onnxruntime-node',
    async createSession(graph: Graph, options: SessionOptions = {}): Promise<Session> {
      const plan = planProviders(options, 'cpu', preferredDevice())
      const { providers } = plan
      const ort = await loadRuntime()
      const form = await requireProviders(ort, plan, graph, options)
      const folder = mainFolder(graph.initializers)
      const placed = await placements(graph, folder, options)
      options.signal?.throwIfAborted()
      const bytes = graph.toOnnx(initializer => placed.get(initializer)!, form)
      try {
        const precise = isInt8(graph) && (await int8SumsOverflow(ort))
        const session = await ort.InferenceSession.create(bytes, {
          executionProviders: [...providers],
          graphOptimizationLevel: optimizationLevel(graph, options, form),
          ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
          enableCpuMemArena: options.memoryArena ?? true,
          enableMemPattern: false, // a second plan of the memory beside the arena's: a third more at the peak, no faster
          logSeverityLevel: 3,
          extra: {
            session: {
              ...(precise && { x64quantprecision: '1' }),
              'intra_op.allow_spinning': '0',
              ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
            },
          },
        })
        return new OrtSession(ort, graph, session)
      } catch (cause) {
        throw new SessionError({
          message: `onnxruntime refused ${graph.name}: ${runtimeMessage(cause)}`,
          cause,
        })
      }
    },
  }
}
