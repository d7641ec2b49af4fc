import type { Redis } from 'ioredis'
import type { Engine } from '../jobs/types.js'
import { type Keys, modelOf, queueName } from './keys.js'

/** A worker as it tells of itself. */
export interface WorkerState {
  readonly id: string
  readonly name: string
  readonly models: Engine['models']
  /** Jobs of each model that it does at once. */
  readonly concurrency: number
}

/** Milliseconds: how often a worker tells that it lives, when it is taken for dead, and how long its models are remembered. */
const beat = 5000
const silence = 20_000
const memory = 7 * 24 * 3600_000

/** Tells the others that this worker lives, until it is stopped. @returns what stops it */
export async function register(redis: Redis, keys: Keys, state: WorkerState): Promise<() => Promise<void>> {
  const tell = async (): Promise<void> => {
    const at = Date.now()
    const queues = state.models.flatMap(({ kind, id }) => [at, queueName(kind, id)])
    await Promise.all([
      redis.zadd(keys.workers, at, state.id),
      redis.set(keys.worker(state.id), JSON.stringify(state), 'PX', silence),
      queues.length > 0 ? redis.zadd(keys.models, ...queues) : undefined,
    ])
  }
  await tell()
  const timer = setInterval(() => void tell().catch(() => {}), beat)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await Promise.all([redis.zrem(keys.workers, state.id), redis.del(keys.worker(state.id))])
  }
}

/** The workers that live. */
export async function livingWorkers(redis: Redis, keys: Keys): Promise<readonly WorkerState[]> {
  // Who is silent is forgotten by the expiry of its own key; clocks of machines do not matter.
  const ids = await redis.zrange(keys.workers, 0, -1)
  if (ids.length === 0) return []
  const states = await redis.mget(ids.map(keys.worker))
  const dead = ids.filter((_, i) => states[i] === null)
  if (dead.length > 0) await redis.zrem(keys.workers, ...dead)
  return states.flatMap(state => (state ? [JSON.parse(state) as WorkerState] : []))
}

/** Names of the queues of all models that a worker served in the last days. */
export async function knownQueues(redis: Redis, keys: Keys): Promise<readonly string[]> {
  await redis.zremrangebyscore(keys.models, 0, Date.now() - memory)
  const names = await redis.zrange(keys.models, 0, -1)
  return names.filter(name => modelOf(name) !== undefined)
}
