import { createHash } from 'node:crypto'
import type { JobRequest } from '../jobs/types.js'

/** In braces, so that all keys lie in one slot of a cluster and scripts may use several. */
export const defaultPrefix = '{viscpm}'

/** What a job is known by in Redis: two owners' ids never meet, and no id can be more than a name. */
export function internalId(owner: string, id: string): string {
  return `j${createHash('sha256')
    .update(JSON.stringify([owner, id]))
    .digest('base64url')
    .slice(0, 27)}`
}

const hashOf = (owner: string): string => createHash('sha256').update(owner).digest('base64url')

/** Name of the BullMQ queue of a model: a worker takes jobs only of models that it has. */
export function queueName(kind: JobRequest['kind'], model: string): string {
  return `${kind}.${encodeURIComponent(model)}`
}

/** The other way round; undefined for what is no such name. */
export function modelOf(queue: string): { readonly kind: JobRequest['kind']; readonly id: string } | undefined {
  const [, kind, id] = /^(chat|paint)\.(.+)$/.exec(queue) ?? []
  return kind === undefined ? undefined : { kind: kind as JobRequest['kind'], id: decodeURIComponent(id!) }
}

/** Names of what lies in Redis beside BullMQ's own keys. */
export class Keys {
  constructor(readonly prefix: string = defaultPrefix) {}

  /** Hash: all that is known of a job but its input and output. */
  readonly record = (id: string): string => `${this.prefix}:job:${id}`
  readonly request = (id: string): string => `${this.prefix}:request:${id}`
  readonly result = (id: string): string => `${this.prefix}:result:${id}`
  /** Stream: what is told while it runs. */
  readonly events = (id: string): string => `${this.prefix}:events:${id}`
  /** The latest preview only. */
  readonly preview = (id: string): string => `${this.prefix}:preview:${id}`
  /** Sorted sets of the jobs that wait and that run, by when they began to. */
  readonly queued = (queue: string): string => `${this.prefix}:queued:${queue}`
  readonly running = (queue: string): string => `${this.prefix}:running:${queue}`
  /** Milliseconds that a job of the queue takes, a moving average. */
  readonly pace = (queue: string): string => `${this.prefix}:pace:${queue}`
  /** Token bucket of an owner. */
  readonly bucket = (kind: string, owner: string): string => `${this.prefix}:bucket:${kind}:${hashOf(owner)}`
  /** Hash: what is known of an uploaded file; and the file. */
  readonly file = (id: string): string => `${this.prefix}:file:${id}`
  readonly fileContent = (id: string): string => `${this.prefix}:file-content:${id}`
  /** Sorted sets of files, by when they end: an owner's, and all. */
  readonly filesOf = (owner: string): string => `${this.prefix}:files:${hashOf(owner)}`
  get files(): string {
    return `${this.prefix}:files`
  }
  /** Sorted set: names of queues by when a worker that serves them was last seen. */
  get models(): string {
    return `${this.prefix}:models`
  }
  /** Sorted set: workers by when they were last seen; and each one's description. */
  get workers(): string {
    return `${this.prefix}:workers`
  }
  readonly worker = (id: string): string => `${this.prefix}:worker:${id}`
  /** Held by whoever looks for jobs that got lost between two writes. */
  readonly repairing = (queue: string): string => `${this.prefix}:repairing:${queue}`
}
