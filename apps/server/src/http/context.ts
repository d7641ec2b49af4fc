import type { HttpBindings } from '@hono/node-server'
import type { Logger as Pino } from 'pino'
import type { EngineModel } from '../engine/index.js'
import type { FileStore } from '../files/types.js'
import type { JobQueue, JobRequest } from '../jobs/types.js'
import type { Metrics } from './metrics.js'
import type { Moderator } from './moderation/moderator.js'
import type { GuardOptions } from './security/guards.js'
import type { RemoteImageOptions } from './security/remote-image.js'
import type { StaticFiles } from './static-files.js'

/** What handlers know of a request. */
export interface AppEnv {
  Bindings: HttpBindings
  Variables: {
    /** The name of the key, or 'anonymous'. */
    owner: string
    requestId: string
  }
}

/** What routes work with. */
export interface Services {
  readonly queue: JobQueue
  /** What can be asked for; the first of a kind is the default. */
  readonly models: () => readonly EngineModel[]
  /** Rejects while not everything is loaded. */
  readonly isReady: () => Promise<boolean>
  readonly moderator: Moderator
  readonly metrics: Metrics
  readonly log: Pino
  readonly files: FileStore
  /** Undefined: pictures of other servers are off. */
  readonly remoteImages: RemoteImageOptions | undefined
  readonly statics: StaticFiles
  readonly guards: Omit<GuardOptions, 'isPublic'>
  /** Most bytes of a body. */
  readonly maxBodyBytes: number
}

export type Kind = JobRequest['kind']
