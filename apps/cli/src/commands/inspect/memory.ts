import type { WeightSource } from '@viscpm/core'
import { chatCost, chatFacts, cpmBeeFacts, referenceMachine, usualCache } from '@viscpm/core/cost'
import type { MachineMemory } from '@viscpm/core/node'
import type { CheckpointReport } from '@viscpm/core/weights'

/** Bytes. */
export interface MemoryNeed {
  /** Half-precision weights are widened once, when loaded. */
  readonly float32: number
  /** Half-precision weights stay half and are widened one at a time, as they are used. Absent where it saves nothing. */
  readonly keepHalf?: number
}

/** What an ordinary answer of the checkpoint takes, from its keys: an estimate; `viscpm doctor` says more. */
export function memoryNeed(source: WeightSource, report: CheckpointReport): MemoryNeed {
  const facts = report.kind === 'viscpm-chat' ? chatFacts(source, report) : cpmBeeFacts(source, report)
  const [float32, keepHalf] = [false, true].map(
    keepHalf =>
      chatCost(facts, { keepHalf, releaseVision: false, kvCache: usualCache(facts.language) }, referenceMachine).memory,
  ) as [number, number]
  return keepHalf < float32 ? { float32, keepHalf } : { float32 }
}

export type Fit = 'fits' | 'fitsTight' | 'doesNotFit'

export function fit(need: number, { total, free }: MachineMemory): Fit {
  return need <= free ? 'fits' : need <= total * 0.95 ? 'fitsTight' : 'doesNotFit'
}
