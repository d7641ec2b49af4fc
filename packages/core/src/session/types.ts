import type { Graph } from '../graph/graph.js'
import type { TaskOptions } from '../progress.js'
import type { Tensor } from '../tensor.js'
import type { Device } from './providers.js'

export interface SessionOptions extends TaskOptions {
  /** Threads inside one operator. Default: the number of physical cores the runtime sees. */
  readonly threads?: number
  /**
   * Where the graph runs; an operator that the device lacks runs on the CPU. A device that is not there is an error, never
   * the CPU in its place. Default: the environment variable VISCPM_DEVICE (in Node), else 'cpu'.
   */
  readonly device?: Device
  /** onnxruntime's names, e.g. ['webgpu', 'cpu'], instead of a device. */
  readonly executionProviders?: readonly string[]
  /**
   * 'float16': products with weights run in half; attention scores, softmax, norms and residuals stay float32. Default
   * 'float32', and 'float16' where half weights are kept on another device than the CPU.
   */
  readonly computeDtype?: 'float32' | 'float16'
  /** Keep half-precision weights half in memory (converted layer by layer at each run): slower, half the memory. */
  readonly keepHalf?: boolean
  /** Reuse one arena for activations (faster, keeps its peak). Default true. */
  readonly memoryArena?: boolean
}

/** A graph ready to run. Runs of one session must not overlap. */
export interface Session {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /**
   * Feeds every input, fetches `outputs` (default: all). Synchronous inside: it blocks the thread for its duration.
   * @throws SessionError naming a missing, unknown or wrongly typed input before anything runs.
   * @throws DisposedError
   */
  run(feeds: Readonly<Record<string, Tensor>>, outputs?: readonly string[]): Promise<Record<string, Tensor>>
  /** Frees the weights. Idempotent. */
  dispose(): Promise<void>
}

/** Creates sessions. One per runtime: onnxruntime-node, onnxruntime-web. */
export interface Backend {
  readonly name: string
  createSession(graph: Graph, options?: SessionOptions): Promise<Session>
}
