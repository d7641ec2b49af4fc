import type { BullQueues } from './bull.js'
import type { JobStore } from './store.js'

/** Milliseconds that a job's two writes may lie apart; and how often somebody looks. */
const patience = 10_000
export const repairInterval = 15_000

/**
 * Puts jobs into BullMQ's line that are in none: whoever took them in died before, or the broker lost its last second. Also forgets
 * those whose record has expired. One process at a time does it.
 * @returns how many were put in line
 */
export async function repair(
  store: JobStore,
  bull: BullQueues,
  queue: string,
  age: number = patience,
): Promise<number> {
  const { redis, keys } = store
  if ((await redis.set(keys.repairing(queue), '1', 'PX', Math.max(1, repairInterval - 1000), 'NX')) === null) return 0
  const [seconds = 0] = await redis.time()
  const until = Number(seconds) * 1000 - age
  const sets = [keys.queued(queue), keys.running(queue)]
  const [queued = [], running = []] = await Promise.all(sets.map(set => redis.zrangebyscore(set, 0, until)))
  const jobs = [...queued, ...running]
  const known = await bull.known(queue, jobs)
  let mended = 0
  for (const internal of jobs.filter((_, i) => !known[i])) {
    const record = await store.record(internal)
    if (record?.status === 'queued' || record?.status === 'running') {
      await bull.add(internal, record)
      mended++
    } else for (const set of sets) await redis.zrem(set, internal)
  }
  return mended
}
