import type { OnProgress, Progress, TaskOptions } from '@viscpm/core'

interface Disposable {
  dispose(): Promise<void>
}

interface Loading<T> {
  readonly value: Promise<T>
  readonly controller: AbortController
  settled: boolean
}

/** Something that is loaded once for all who wait for it, and not any more when the last of them has gone. */
export class SharedLoad<T extends Disposable> {
  #loading: Loading<T> | undefined
  #last: Progress | undefined
  readonly #waiting = new Set<OnProgress>()

  constructor(private readonly load: (task: Required<TaskOptions>) => Promise<T>) {}

  /** @throws what loading it throws; the signal's reason. Then it is loaded anew the next time. */
  async get({ signal, onProgress = () => {} }: TaskOptions): Promise<T> {
    signal?.throwIfAborted()
    const loading = this.#loading ?? this.#start()
    const tell: OnProgress = progress => onProgress(progress)
    this.#waiting.add(tell)
    if (this.#last) tell(this.#last)
    let leave = () => {}
    try {
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(signal?.reason)
        signal?.addEventListener('abort', leave, { once: true })
      })
      return await Promise.race([loading.value, left])
    } finally {
      signal?.removeEventListener('abort', leave)
      this.#waiting.delete(tell)
      if (signal?.aborted && this.#waiting.size === 0 && !loading.settled) this.#stop(loading, signal.reason)
    }
  }

  /** Frees what is there, or on its way. */
  async dispose(): Promise<void> {
    const loading = this.#loading
    if (!loading) return
    this.#stop(loading, new DOMException('not needed any more', 'AbortError'))
    await loading.value.then(value => value.dispose()).catch(() => {})
  }

  #stop(loading: Loading<T>, reason: unknown): void {
    if (this.#loading === loading) this.#loading = undefined
    loading.controller.abort(reason)
  }

  #start(): Loading<T> {
    const controller = new AbortController()
    const { signal } = controller
    const onProgress: OnProgress = progress => {
      if (signal.aborted) return
      this.#last = progress
      for (const tell of this.#waiting) tell(progress)
    }
    const load = async () => {
      const value = await this.load({ signal, onProgress })
      if (!signal.aborted) return value
      await value.dispose() // it came too late to hear of it
      throw signal.reason
    }
    const loading: Loading<T> = { value: load(), controller, settled: false }
    this.#loading = loading
    const over = () => {
      loading.settled = true
      if (!signal.aborted) this.#last = undefined
    }
    loading.value.then(over, () => {
      over()
      if (this.#loading === loading) this.#loading = undefined
    })
    return loading
  }
}
