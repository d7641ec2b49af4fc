import { isVisCPMError, type Logger } from '@viscpm/core'
import type { Engine, JobFailure, JobRequest, JobResult } from '../jobs/types.js'
import { pack, unpack } from './codec.js'
import { EventWriter } from './event-writer.js'
import type { JobStore, Place } from './store.js'

const workerLost: JobFailure = {
  code: 'worker_lost',
  message: 'The workers that had the job died, several times.',
}

/** Why an attempt is stopped from outside. */
export class StoppedError extends Error {
  constructor(readonly why: 'unwanted' | 'draining') {
    super(`the attempt is stopped: ${why}`)
    this.name = 'StoppedError'
  }
}

/** What becomes of the job in BullMQ's line: it is done with, waits again, or waits a while. */
export type Outcome = 'done' | 'again' | 'later'

export interface RunSettings {
  readonly store: JobStore
  readonly engine: Engine
  readonly logger: Logger
  /** Of the worker, for the job's record. */
  readonly name: string
  /** How often a job may lose its worker or its model's process before it has failed. */
  readonly losses: number
  /** Milliseconds that what it became is kept. */
  readonly ttl: number
  /** Milliseconds that a stopped engine is waited for. */
  readonly grace: number
  readonly describe: (error: unknown) => JobFailure
}

/** One attempt at one job, from taking it to storing what it became. */
export class JobRun {
  readonly #stop = new AbortController()
  #attempt = 0

  constructor(
    readonly place: Place,
    private readonly settings: RunSettings,
  ) {}

  /** Ends the attempt at the next token or step. */
  stop(why: StoppedError['why']): void {
    this.#stop.abort(new StoppedError(why))
  }

  /** Stops where the job was cancelled, or another worker has it: `lock` says nothing of the former. */
  async check(): Promise<void> {
    if (this.#attempt > 0 && !(await this.settings.store.isCurrent(this.place.internal, this.#attempt)))
      this.stop('unwanted')
  }

  async run(): Promise<Outcome> {
    const { store, name, losses, ttl } = this.settings
    const { place } = this
    const [what, attempt] = await store.begin(place, name, losses)
    if (what === 'over') return 'done'
    if (what === 'lost') {
      await store.finish(place, { attempt, status: 'failed', failure: workerLost, ttl })
      return 'done'
    }
    this.#attempt = attempt
    const writer = new EventWriter(store, place.internal, attempt, () => this.stop('unwanted'))
    try {
      const result = await this.#compute(writer)
      await writer.flushed()
      await store.finish(place, { attempt, status: 'succeeded', result: pack(result), ttl })
      return 'done'
    } catch (error) {
      await writer.flushed()
      return this.#failed(error)
    } finally {
      this.#attempt = 0
    }
  }

  async #compute(writer: EventWriter): Promise<JobResult> {
    const { store, engine, grace } = this.settings
    const { signal } = this.#stop
    const packed = await store.redis.getBuffer(store.keys.request(this.place.internal))
    signal.throwIfAborted()
    // Gone in this moment: it was cancelled.
    if (packed === null) throw new StoppedError('unwanted')
    let timer: NodeJS.Timeout | undefined
    let late: () => void = () => {}
    const abandoned = new Promise<never>((_, reject) => {
      late = () => {
        timer = setTimeout(() => reject(signal.reason), grace)
      }
      signal.addEventListener('abort', late)
    })
    try {
      const running = engine.run(unpack<JobRequest>(packed), { signal, emit: writer.emit })
      return await Promise.race([running, abandoned])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', late)
    }
  }

  async #failed(error: unknown): Promise<Outcome> {
    const { store, ttl, logger, losses, describe } = this.settings
    const { place } = this
    const attempt = this.#attempt
    const { signal } = this.#stop
    if (signal.aborted) {
      if ((signal.reason as StoppedError).why === 'unwanted') return 'done'
      await store.giveBack(place, attempt, false, losses)
      return 'again'
    }
    const crashed = isVisCPMError(error, 'HOST_CRASHED') || isVisCPMError(error, 'DISPOSED')
    logger.warn(crashed ? "a model's process died with a job" : 'a job failed', {
      job: place.internal,
      attempt,
      code: isVisCPMError(error) ? error.code : (error as Error)?.name,
    })
    // Perhaps the job is what kills it: not for ever.
    if (crashed && (await store.giveBack(place, attempt, true, losses))) return 'later'
    await store.finish(place, { attempt, status: 'failed', failure: crashed ? workerLost : describe(error), ttl })
    return 'done'
  }
}
