import { offPolicy, type Policy, strictPolicy, upstreamPolicy } from './policy/index.js'
import type { Coverage, Safety } from './safety.js'

export type SafetyPreset = 'strict' | 'upstream' | 'off'

export const safetyPresets: readonly SafetyPreset[] = ['strict', 'upstream', 'off']

/** What a command line or a configuration says of safety. Plain data: the Safety is made where it is used. */
export interface SafetySetup {
  readonly preset: SafetyPreset
  /** Folder of a BERT that reads prompts, as transformers has it; asked after the word list. */
  readonly promptChecker?: string
  /** Folder of a Stable Diffusion safety checker, as diffusers has it. */
  readonly imageChecker?: string
  /** File that a line of JSON is appended to for every decision. */
  readonly audit?: string
  /** Threads that the checkers compute with. */
  readonly threads?: number
}

export function policyOf(preset: SafetyPreset): Policy {
  return { strict: strictPolicy, upstream: upstreamPolicy, off: offPolicy }[preset]
}

/** Which policy rules, and who checks what; plain data. */
export interface SafetyState {
  readonly policy: string
  readonly coverage: Coverage
}

export function stateOf(safety: Safety): SafetyState {
  return { policy: safety.policy.name, coverage: safety.coverage() }
}
