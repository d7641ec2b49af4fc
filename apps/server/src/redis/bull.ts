import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Keys } from './keys.js'
import type { JobRecord, Place } from './store.js'

/** What BullMQ is given of a job: nothing. It decides who does it when; all else is in the job's record. */
export type BullData = Record<string, never>

/** Prefix of BullMQ's keys. */
export function bullPrefix(keys: Keys): string {
  return `${keys.prefix}:bull`
}

const usual = 1 << 20

/** BullMQ's priorities go from 1, the soonest, to 2^21 - 1; ours are around 0. */
export function bullPriority(priority: number): number {
  return Math.min(Math.max(Math.round(priority) + usual, 1), 2 * usual - 1)
}

/** BullMQ's queues by name, made when they are first used, over one connection. */
export class BullQueues {
  readonly #queues = new Map<string, Queue<BullData>>()

  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
    private readonly onError: (error: Error) => void,
  ) {}

  of(name: string): Queue<BullData> {
    const known = this.#queues.get(name)
    if (known) return known
    const queue = new Queue<BullData>(name, { connection: this.redis, prefix: bullPrefix(this.keys) })
    queue.on('error', this.onError)
    this.#queues.set(name, queue)
    return queue
  }

  /** Puts a job in line; one that is in line already stays where it is. */
  async add(internal: string, { queue, priority }: Pick<JobRecord, 'queue' | 'priority'>): Promise<void> {
    await this.of(queue).add(
      'job',
      {},
      {
        jobId: internal,
        priority: bullPriority(Number(priority)),
        // What becomes of a job is in its record; what ended must not stand in the way of its id.
        removeOnComplete: true,
        removeOnFail: true,
      },
    )
  }

  /** Jobs in line before this one; undefined where it is not in line. */
  async position({ internal, queue }: Place): Promise<number | undefined> {
    const line = this.of(queue)
    const { redis } = this
    const [rank, front, found] = await Promise.all([
      redis.zrank(line.toKey('prioritized'), internal),
      redis.llen(line.toKey('wait')),
      redis.lpos(line.toKey('wait'), internal),
    ])
    // What was taken back stands in a line of its own, which is served from its end before all others.
    if (found !== null) return front - 1 - found
    return rank === null ? undefined : front + rank
  }

  /** Takes a job that nobody works on out of the line. */
  async remove({ internal, queue }: Place): Promise<void> {
    await this.of(queue).remove(internal)
  }

  /** Whether BullMQ knows of these jobs. */
  async known(queue: string, internal: readonly string[]): Promise<readonly boolean[]> {
    const line = this.of(queue)
    const found = await Promise.all(internal.map(id => this.redis.exists(line.toKey(id))))
    return found.map(count => count === 1)
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#queues.values()].map(queue => queue.close()))
  }
}
