import type { TaskOptions } from '@viscpm/core'

interface Disposable {
  dispose(): Promise<void>
}

/** A part of the model that is either kept, or loaded for each use and freed after it. */
export class Stage<T extends Disposable> {
  private kept: T | undefined

  constructor(
    private readonly load: (task: TaskOptions) => Promise<T>,
    private readonly keep: boolean,
  ) {}

  /** Loads what is kept. */
  async prepare(task: TaskOptions): Promise<void> {
    if (this.keep) this.kept ??= await this.load(task)
  }

  async use<R>(task: TaskOptions, work: (part: T) => Promise<R>): Promise<R> {
    if (this.kept) return work(this.kept)
    const part = await this.load(task)
    try {
      return await work(part)
    } finally {
      await part.dispose()
    }
  }

  async dispose(): Promise<void> {
    await this.kept?.dispose()
  }
}

/** One at a time, in the order of asking. */
export class Turns {
  private last: Promise<void> = Promise.resolve()

  /** @throws the signal's reason as soon as it is aborted while waiting */
  async take<R>(work: () => Promise<R>, signal: AbortSignal | undefined): Promise<R> {
    const before = this.last
    let end = () => {}
    const mine = new Promise<void>(resolve => {
      end = resolve
    })
    this.last = before.then(() => mine)
    try {
      await waitFor(before, signal)
      return await work()
    } finally {
      end()
    }
  }
}

async function waitFor(other: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  if (!signal) return other
  let abort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
  })
  try {
    await Promise.race([other, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
