import type { Engine, JobRequest, JobResult, RunOptions } from '../jobs/types.js'

/**
 * Several engines of the same models as one: a run blocks the process that it is in, so jobs run side by side only where each model is
 * there several times.
 */
export class EnginePool<E extends Engine = Engine> implements Engine {
  readonly #busy: Map<E, Record<JobRequest['kind'], number>>

  /** @param engines at least one, all with the same models */
  constructor(readonly engines: readonly [E, ...E[]]) {
    this.#busy = new Map(engines.map(engine => [engine, { chat: 0, paint: 0 }]))
  }

  get models(): E['models'] {
    return this.engines[0].models
  }

  /** On the engine that has the least to do of this kind. */
  async run(request: JobRequest, options: RunOptions): Promise<JobResult> {
    const { kind } = request
    const load = (engine: E): number => this.#busy.get(engine)![kind]
    const idlest = this.engines.reduce((best, engine) => (load(engine) < load(best) ? engine : best))
    const busy = this.#busy.get(idlest)!
    busy[kind]++
    try {
      return await idlest.run(request, options)
    } finally {
      busy[kind]--
    }
  }

  async dispose(): Promise<void> {
    await Promise.allSettled(this.engines.map(engine => engine.dispose()))
  }
}
