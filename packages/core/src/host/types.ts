import type { Logger } from '../logger.js'
import type { OnProgress, TaskOptions } from '../progress.js'

/** What a hosted factory or method is given after its arguments. */
export interface HostContext extends TaskOptions {
  /** Aborted when the caller aborts, leaves a stream early, or disposes of the host. */
  readonly signal: AbortSignal
  readonly onProgress: OnProgress
  readonly logger: Logger
}

/** An object whose methods can be called from another thread or process. */
export type Hosted = Record<string, (...args: never[]) => unknown>

/** Names of the methods of T. */
export type MethodName<T> = { [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never }[keyof T] & string

/** Arguments of a hosted method as the caller gives them: without the context at the end. */
export type CallArguments<F> = F extends (...args: infer A) => unknown
  ? never[] extends A
    ? readonly unknown[]
    : A extends [...infer Before, HostContext]
      ? Before
      : A
  : never

export type CallResult<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never

export type StreamItem<F> = CallResult<F> extends AsyncIterable<infer I> | Iterable<infer I> ? I : unknown

export interface StreamOptions extends TaskOptions {
  /** Items that the hosted side may be ahead of the reader. Default 16; 1 makes it wait for each. */
  readonly ahead?: number
}

export interface DisposeOptions {
  /** End it at once, whatever it does. Only for processes: a thread inside native code cannot be stopped. */
  readonly force?: boolean
}

/**
 * An object that lives in another thread or process, so that its work does not block this one. Arguments and results
 * are copied (structured clone: no functions, no class instances); see `transfer` to move large buffers. Errors arrive
 * as they were thrown: same class, code and fields. An idle host does not keep the process alive.
 */
export interface Host<T extends object = Hosted> {
  /**
   * Calls `method(...args, context)`. Aborting `signal` aborts the context's signal; the promise settles when the
   * method has stopped, rejected with `signal.reason`, and the host stays usable.
   * @throws InvalidArgumentError when there is no such method or a value cannot be copied
   * @throws HostCrashedError, DisposedError
   */
  call<K extends MethodName<T>>(method: K, args: CallArguments<T[K]>, options?: TaskOptions): Promise<CallResult<T[K]>>
  /**
   * Iterates over what `method(...args, context)` returns (an iterable or async iterable), from the first `next()`
   * on. The hosted side runs at most `ahead` items ahead of the reader; leaving the loop early ends it there.
   * @throws as `call`
   */
  stream<K extends MethodName<T>>(
    method: K,
    args: CallArguments<T[K]>,
    options?: StreamOptions,
  ): AsyncIterableIterator<StreamItem<T[K]>>
  /**
   * Aborts what runs, waits until it has stopped, calls the object's own `dispose()` if it has one, and ends the
   * thread or process. Idempotent. Pending calls reject with DisposedError.
   * @throws InvalidArgumentError for `force` on a worker thread
   */
  dispose(options?: DisposeOptions): Promise<void>
}

/** What to host, and how loading it is watched. */
export interface HostOptions extends TaskOptions {
  /** Exported function that makes the object: `(...args, context) => object`, may be async. Default 'default'. */
  readonly export?: string
  /** Arguments of that function. Default none. */
  readonly args?: readonly unknown[]
  /** Receives what the hosted side logs through its context. Default: dropped. */
  readonly logger?: Logger
}
