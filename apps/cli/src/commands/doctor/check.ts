import type { Messages } from '../../messages/index.js'

/** One thing that was looked at. */
export interface Check {
  readonly name: keyof Messages['doctor']['checks']
  /** `broken`: viscpm does not work without it. */
  readonly status: 'ok' | 'warning' | 'broken'
  readonly detail: string
  /** Lines. */
  readonly hint?: string
}
