/** Options of `worker`; `help.options` describes them. */
export type WorkerOption =
  | 'workerQueue'
  | 'workerModel'
  | 'workerOnly'
  | 'workerConcurrency'
  | 'workerName'
  | 'workerDrain'
  | 'workerJson'

export interface WorkerMessages {
  readonly queueNeeded: string
  readonly queueNeededHint: string
  readonly loading: string
  /** By the library's names. */
  readonly kinds: Readonly<Record<'chat' | 'paint', string>>
  ready(name: string, queue: string): string
  /** A model, what it does, and how many jobs at once with how many threads each. */
  serves(model: string, kinds: string, concurrency: number, threads: number): string
  draining(running: number, seconds: number): string
  readonly stopped: string
}
