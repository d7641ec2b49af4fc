import { availableParallelism } from 'node:os'
import type { Host } from '../../host/types.js'
import { createHost } from '../host.js'
import type { WorkerSetup } from './piece-task.js'
import type { ConversionWorker } from './worker.js'

/** One more than there are cores: while one waits for the disk, the others compute. */
export const defaultWorkers = (): number => Math.min(availableParallelism(), 31) + 1

const workerModule = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

/** Some workers that take one piece of work after another. */
export class WorkerPool {
  private constructor(private readonly hosts: readonly Host<ConversionWorker>[]) {}

  /** Starts the workers. @throws what a worker throws that cannot open its files */
  static async start(count: number, setup: WorkerSetup): Promise<WorkerPool> {
    const started = await Promise.allSettled(
      Array.from({ length: count }, () => createHost<ConversionWorker>({ module: workerModule, args: [setup] })),
    )
    const hosts = started.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
    const failed = started.find(one => one.status === 'rejected')
    if (!failed) return new WorkerPool(hosts)
    await Promise.all(hosts.map(host => host.dispose()))
    throw failed.reason
  }

  /**
   * Does the work of every item, begun in their order. The first failure ends it, when every worker has finished what it was
   * at.
   */
  async each<T>(
    items: readonly T[],
    work: (host: Host<ConversionWorker>, item: T) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    let next = 0
    let failure: { readonly reason: unknown } | undefined
    const one = async (host: Host<ConversionWorker>): Promise<void> => {
      while (next < items.length && !failure) {
        try {
          signal?.throwIfAborted()
          await work(host, items[next++]!)
        } catch (reason) {
          failure ??= { reason }
        }
      }
    }
    await Promise.all(this.hosts.map(one))
    if (failure) throw failure.reason
  }

  async close(): Promise<void> {
    await Promise.all(this.hosts.map(host => host.dispose()))
  }
}
