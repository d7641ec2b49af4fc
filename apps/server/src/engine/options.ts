import type { MemoryOption } from '@viscpm/core/cost'
import type { Device } from '@viscpm/core/session'
import type { SafetySetup } from '@viscpm/safety'
import type { JobRequest } from '../jobs/types.js'

/** How networks are loaded; what is left out is chosen by the library. */
export interface LoadSettings {
  readonly device?: Device
  readonly computeDtype?: 'float32' | 'float16'
  readonly threads?: number
  readonly keepHalf?: boolean
  readonly memory?: MemoryOption
}

/** A model to serve. */
export interface ServedModel {
  /** What requests call it. */
  readonly id: string
  /** 'tiny', a folder, a checkpoint file, or what else `VisCPMChat.load` and `VisCPMPaint.load` take. */
  readonly where: string
}

export interface EngineOptions extends LoadSettings {
  readonly models: readonly ServedModel[]
  /** Only what can do this is loaded. Default: all. */
  readonly kinds?: readonly JobRequest['kind'][]
  /** What texts and pictures pass, made beside every model. Default: strict. */
  readonly safety?: SafetySetup
  /** Milliseconds that a job may go on after it was cancelled, before the process that runs it is ended. Default 120,000. */
  readonly killAfter?: number
  readonly logger?: EngineLogger
}

/** Never given what is in requests. */
export interface EngineLogger {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
}
