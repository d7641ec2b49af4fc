import type { Io } from './io.js'
import type { Lang } from './locale.js'
import type { Messages } from './messages/index.js'
import type { Services } from './services.js'

/** What every command is given. */
export interface Context {
  readonly io: Io
  readonly lang: Lang
  readonly t: Messages
  readonly services: Services
}

/** Options that every command takes. */
export interface GlobalOptions {
  readonly verbose?: boolean
  readonly quiet?: boolean
}
