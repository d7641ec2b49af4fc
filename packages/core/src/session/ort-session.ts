import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common'
import type { DType, TensorData } from '../dtype.js'
import { DisposedError, SessionError } from '../errors.js'
import type { Graph } from '../graph/graph.js'
import type { Tensor } from '../tensor.js'
import { checkFeeds, checkOutputs } from './check.js'
import type { Session } from './types.js'

/** The part of onnxruntime's API that all its packages share. */
export type OrtRuntime = typeof import('onnxruntime-common')

/** A session as the runtime makes it. */
export type RuntimeSession = InferenceSession

function toOrt(ort: OrtRuntime, t: Tensor): OrtTensor {
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

/** What a runtime's error says, in one line. */
export function runtimeMessage(error: unknown): string {
  return String((error as Error)?.message ?? error).replaceAll(/\s+/g, ' ')
}

/** A session of any onnxruntime package. Runs wait for one another. */
export class OrtSession implements Session {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  #session: InferenceSession | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly ort: OrtRuntime,
    private readonly graph: Graph,
    session: InferenceSession,
  ) {
    this.#session = session
    this.inputNames = graph.inputs.map(v => v.name)
    this.outputNames = graph.outputs.map(v => v.name)
  }

  async run(feeds: Readonly<Record<string, Tensor>>, outputs?: readonly string[]): Promise<Record<string, Tensor>> {
    this.#checkOpen()
    checkFeeds(this.graph, feeds)
    const names = checkOutputs(this.graph, outputs)
    const running = this.#last.then(() => this.#run(feeds, names))
    this.#last = running.catch(() => {})
    return running
  }

  async #run(feeds: Readonly<Record<string, Tensor>>, names: readonly string[]): Promise<Record<string, Tensor>> {
    const session = this.#checkOpen()
    const inputs: Record<string, OrtTensor> = {}
    for (const name of this.inputNames) inputs[name] = toOrt(this.ort, feeds[name]!)
    try {
      const results = await session.run(inputs, names)
      const out: Record<string, Tensor> = {}
      for (const name of names) out[name] = fromOrt(results[name]!)
      return out
    } catch (cause) {
      const shapes = this.inputNames.map(n => `${n} ${feeds[n]!.dtype}[${feeds[n]!.shape}]`).join(', ')
      throw new SessionError({
        message: `${this.graph.name} failed to run with ${shapes}: ${runtimeMessage(cause)}`,
        cause,
      })
    }
  }

  #checkOpen(): InferenceSession {
    if (!this.#session) throw new DisposedError({ message: `the session of ${this.graph.name} was disposed` })
    return this.#session
  }

  async dispose(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await this.#last
    await session?.release()
  }
}
