import { dirname, relative, sep } from 'node:path'
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { DType, TensorData } from '../dtype.js'
import { itemSize } from '../dtype.js'
import { DisposedError, MissingDependencyError, SessionError } from '../errors.js'
import type { ExternalInitializer, Graph, Placement } from '../graph/graph.js'
import { checkFeeds, checkOutputs } from '../session/check.js'
import type { Backend, Session, SessionOptions } from '../session/types.js'
import type { Tensor } from '../tensor.js'

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

function toOrt(ort: Ort, t: Tensor): OrtTensor {
  const made = new ort.Tensor(t.dtype as OrtTensor.Type, t.data as never, t.shape)
  // Where the engine has Float16Array, ort-common wraps halves in it, which the native binding does not know.
  if (t.dtype === 'float16' && !(made.data instanceof Uint16Array))
    Object.defineProperty(made, 'data', { value: t.data })
  return made
}

function fromOrt(t: OrtTensor): Tensor {
  const data = t.data as TensorData
  const { buffer, byteOffset, length } = data
  const asBits = t.type === 'float16' && !(data instanceof Uint16Array)
  return {
    dtype: t.type as DType,
    shape: t.dims,
    data: asBits ? new Uint16Array(buffer as ArrayBuffer, byteOffset, length) : data,
  } as Tensor
}

class OrtSession implements Session {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  #session: InferenceSession | undefined
  #running: Promise<unknown> | undefined

  constructor(
    private readonly ort: Ort,
    private readonly graph: Graph,
    session: InferenceSession,
  ) {
    this.#session = session
    this.inputNames = graph.inputs.map(v => v.name)
    this.outputNames = graph.outputs.map(v => v.name)
  }

  async run(feeds: Readonly<Record<string, Tensor>>, outputs?: readonly string[]): Promise<Record<string, Tensor>> {
    const session = this.#session
    if (!session) throw new DisposedError({ message: `the session of ${this.graph.name} was disposed` })
    checkFeeds(this.graph, feeds)
    const names = checkOutputs(this.graph, outputs)
    const inputs: Record<string, OrtTensor> = {}
    for (const name of this.inputNames) inputs[name] = toOrt(this.ort, feeds[name]!)
    try {
      const running = session.run(inputs, names)
      this.#running = running
      const results = await running
      const out: Record<string, Tensor> = {}
      for (const name of names) out[name] = fromOrt(results[name] as OrtTensor)
      return out
    } catch (cause) {
      const shapes = this.inputNames.map(n => `${n} ${feeds[n]!.dtype}[${feeds[n]!.shape}]`).join(', ')
      throw new SessionError({
        message: `${this.graph.name} failed to run with ${shapes}: ${String((cause as Error).message ?? cause)}`,
        cause,
      })
    } finally {
      this.#running = undefined
    }
  }

  async dispose(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await this.#running?.catch(() => {})
    await session?.release()
  }
}

/**
 * Runs graphs with onnxruntime-node. Weights that lie in files of one folder are mapped in place; others are copied in.
 * @throws MissingDependencyError when the runtime is not installed.
 */
export function onnxruntimeNode(): Backend {
  return {
    name: 'onnxruntime-node',
    async createSession(graph: Graph, options: SessionOptions = {}): Promise<Session> {
      const ort = await loadRuntime()
      const folder = mainFolder(graph.initializers)
      const placed = await placements(graph, folder, options)
      options.signal?.throwIfAborted()
      const bytes = graph.toOnnx(initializer => placed.get(initializer)!)
      try {
        const session = await ort.InferenceSession.create(bytes, {
          executionProviders: [...(options.executionProviders ?? ['cpu'])],
          // Folding would turn half weights into float32 copies for good: right for small models only.
          graphOptimizationLevel: options.keepHalf ? 'disabled' : 'all',
          ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
          enableCpuMemArena: options.memoryArena ?? true,
          enableMemPattern: options.memoryArena ?? true,
          logSeverityLevel: 3,
          extra: {
            session: {
              'intra_op.allow_spinning': '0',
              ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
            },
          },
        })
        return new OrtSession(ort, graph, session)
      } catch (cause) {
        throw new SessionError({
          message: `onnxruntime refused ${graph.name}: ${String((cause as Error).message ?? cause)}`,
          cause,
        })
      }
    },
  }
}
