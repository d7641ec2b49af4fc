import { SessionError } from '../errors.js'
import type { ExternalInitializer, Graph, Placement } from '../graph/graph.js'
import { type OrtRuntime, OrtSession, type RuntimeSession, runtimeMessage } from '../session/ort-session.js'
import { planProviders } from '../session/providers.js'
import type { Backend, Session, SessionOptions } from '../session/types.js'
import type { Tensor } from '../tensor.js'
import { alone } from './alone.js'
import { cpuProvider, webForm } from './devices.js'
import { turn } from './turn.js'

/** All weights of a graph as one block beside it: a browser has no files to map. */
async function gather(
  initializers: readonly ExternalInitializer[],
  { signal, onProgress }: SessionOptions,
): Promise<{ block: Uint8Array; offsets: Map<ExternalInitializer, number> }> {
  const offsets = new Map<ExternalInitializer, number>()
  let size = 0
  for (const initializer of initializers) {
    offsets.set(initializer, size)
    size += Math.ceil(initializer.location.length / 64) * 64
  }
  const block = new Uint8Array(size)
  for (const [initializer, at] of offsets) {
    signal?.throwIfAborted()
    const { source, offset, length } = initializer.location
    block.set(await source.read(offset, length), at)
    onProgress?.({ phase: 'weights', done: at + length, total: size, unit: 'bytes' })
  }
  return { block, offsets }
}

/** Lets messages in before each run: what calls off the next one among them. */
class WebSession extends OrtSession {
  constructor(
    private readonly runtime: OrtRuntime,
    graph: Graph,
    session: RuntimeSession,
  ) {
    super(runtime, graph, session)
  }

  override async run(
    feeds: Readonly<Record<string, Tensor>>,
    outputs?: readonly string[],
  ): Promise<Record<string, Tensor>> {
    await turn()
    return alone(this.runtime, () => super.run(feeds, outputs))
  }

  override dispose(): Promise<void> {
    return alone(this.runtime, () => super.dispose())
  }
}

/**
 * Runs graphs with onnxruntime-web: pass the module as imported (`import * as ort from 'onnxruntime-web'`), so that the
 * application chooses its build (wasm, WebGPU) and where the wasm files come from. A device is tried with samples before
 * any weight is read, and graphs are written in the operators that it computes as WebAssembly does.
 */
export function onnxruntimeWeb(ort: OrtRuntime): Backend {
  const file = 'weights'
  return {
    name: 'onnxruntime-web',
    async createSession(graph: Graph, options: SessionOptions = {}): Promise<Session> {
      const plan = planProviders(options, cpuProvider)
      const { providers } = plan
      const form = await alone(ort, () => webForm(ort, plan, graph, options))
      const { block, offsets } = await gather(graph.initializers, options)
      options.signal?.throwIfAborted()
      const place = (initializer: ExternalInitializer): Placement => ({
        file,
        offset: offsets.get(initializer)!,
        length: initializer.location.length,
      })
      try {
        const onnx = graph.toOnnx(place, form)
        const create = () =>
          ort.InferenceSession.create(onnx, {
            executionProviders: [...providers],
            graphOptimizationLevel: options.keepHalf ? 'disabled' : 'all',
            ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
            ...(block.length > 0 ? { externalData: [{ path: file, data: block }] } : {}),
            logSeverityLevel: 3,
          })
        const session = await alone(ort, create)
        return new WebSession(ort, graph, session)
      } catch (cause) {
        throw new SessionError({ message: `onnxruntime refused ${graph.name}: ${runtimeMessage(cause)}`, cause })
      }
    },
  }
}
