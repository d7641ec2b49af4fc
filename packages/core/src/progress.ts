/** What is going on, how far it is. `total` is absent where it cannot be known. */
export interface Progress {
  /** e.g. 'open', 'build', 'load', 'vision', 'prefill', 'decode', 'write'. */
  readonly phase: string
  readonly done: number
  readonly total?: number
  readonly unit?: 'bytes' | 'tokens' | 'steps' | 'tensors'
}

export type OnProgress = (progress: Progress) => void

/** Options of everything that can take over a second. */
export interface TaskOptions {
  /** Aborting rejects with `signal.reason`, and leaves what was used usable. */
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
}
