import { SessionError } from '../errors.js'
import type { ExternalInitializer, Graph, Placement } from '../graph/graph.js'
import { type OrtRuntime, OrtSession, runtimeMessage } from '../session/ort-session.js'
import { planProviders } from '../session/providers.js'
import type { Backend, Session, SessionOptions } from '../session/types.js'

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

/**
 * Runs graphs with onnxruntime-web: pass the module as imported (`import * as ort from 'onnxruntime-web'`), so that the
 * application chooses its build (wasm, WebGPU) and where the wasm files come from.
 */
export function onnxruntimeWeb(ort: OrtRuntime): Backend {
  const file = 'weights'
  return {
    name: 'onnxruntime-web',
    async createSession(graph: Graph, options: SessionOptions = {}): Promise<Session> {
      const { providers, form } = planProviders(options, 'wasm')
      const { block, offsets } = await gather(graph.initializers, options)
      options.signal?.throwIfAborted()
      const place = (initializer: ExternalInitializer): Placement => ({
        file,
        offset: offsets.get(initializer)!,
        length: initializer.location.length,
      })
      try {
        const session = await ort.InferenceSession.create(graph.toOnnx(place, form), {
          executionProviders: [...providers],
          graphOptimizationLevel: options.keepHalf ? 'disabled' : 'all',
          ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
          ...(block.length > 0 ? { externalData: [{ path: file, data: block }] } : {}),
          logSeverityLevel: 3,
        })
        return new OrtSession(ort, graph, session)
      } catch (cause) {
        throw new SessionError({ message: `onnxruntime refused ${graph.name}: ${runtimeMessage(cause)}`, cause })
      }
    },
  }
}
