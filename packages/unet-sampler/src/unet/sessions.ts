import { DisposedError, type Session, type Tensor } from '@viscpm/core'
import type { LoadOptions } from '../blocks/options.js'
import { type BuildUNetOptions, buildUNetGraph } from './graph.js'

type Options = LoadOptions & Omit<BuildUNetOptions, 'shallow'>

/** One of a UNet's graphs: `shallow` as in `UNetGraphOptions`, undefined for the whole. */
export interface UNetPart {
  readonly shallow?: number | undefined
  readonly tokenMerging: number
}

/**
 * The sessions of a UNet's graphs over the same weights, each made when it is first needed. Of each part one is there at a
 * time: where another share of tokens is to be merged it makes way, so that memory does not grow. Runs wait for one another.
 */
export class UNetSessions {
  readonly #options: Options
  readonly #open = new Map<number | undefined, { tokenMerging: number; session: Session }>()
  #last: Promise<unknown> = Promise.resolve()
  #disposed = false

  constructor(options: Options) {
    // Who loaded the UNet may be gone by the time the others are made.
    const { signal: _signal, onProgress: _onProgress, ...rest } = options
    this.#options = rest
  }

  /** Makes a session before it is needed. @throws SessionError; the signal's reason when aborted */
  prepare(part: UNetPart, task: Pick<Options, 'signal' | 'onProgress'>): Promise<void> {
    return this.#inTurn(async () => {
      await this.#session(part, task)
    })
  }

  /** @throws DisposedError, SessionError */
  run(part: UNetPart, feeds: Record<string, Tensor>, outputs?: readonly string[]): Promise<Record<string, Tensor>> {
    return this.#inTurn(async () => (await this.#session(part)).run(feeds, outputs))
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    if (this.#disposed) return Promise.reject(new DisposedError({ message: 'the UNet was disposed' }))
    const running = this.#last.then(work)
    this.#last = running.catch(() => {})
    return running
  }

  async #session({ shallow, tokenMerging }: UNetPart, task = {}): Promise<Session> {
    const there = this.#open.get(shallow)
    if (there?.tokenMerging === tokenMerging) return there.session
    const options = { ...this.#options, ...task, tokenMerging, ...(shallow !== undefined && { shallow }) }
    const { graph } = await buildUNetGraph(options)
    this.#open.delete(shallow)
    await there?.session.dispose()
    const session = await options.backend.createSession(graph, options)
    this.#open.set(shallow, { tokenMerging, session })
    return session
  }

  async dispose(): Promise<void> {
    this.#disposed = true
    await this.#last
    for (const { session } of this.#open.values()) await session.dispose()
    this.#open.clear()
  }
}
