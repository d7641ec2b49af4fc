import { InvalidArgumentError, type Stage, type Verdict } from '@viscpm/core'
import { type Action, actionsOf, stages } from './actions.js'

/** What is done at one stage: 'unchecked' asks no checker, and says so. */
export type StageRule = 'unchecked' | { readonly block: Action; readonly unknown: Action }

export interface PolicyOptions {
  /** Named in every audit line. */
  readonly name: string
  /** One rule for each stage; a stage that is left out blocks what is not allowed. */
  readonly stages?: Partial<Readonly<Record<Stage, StageRule>>>
  /**
   * How many further pictures may be painted, for each one asked for, in place of those that were blocked. 0 to 100,
   * default 0. Only pictures that a checker found harmful are replaced: where it could not tell, it could not tell of others.
   */
  readonly replacements?: number
  /** Lets flagged pictures take part in the ranking, as the original does: a black one may be chosen. Default false. */
  readonly ranksFlagged?: boolean
}

const blocks: StageRule = { block: 'block', unknown: 'block' }
const mostReplacements = 100

function refuse(argument: string, message: string, hint?: string): never {
  throw new InvalidArgumentError({ argument, message, ...(hint && { hint }) })
}

/** Maps verdicts to actions, for each stage. Immutable. */
export class Policy {
  readonly name: string
  readonly stages: Readonly<Record<Stage, StageRule>>
  readonly replacements: number
  readonly ranksFlagged: boolean

  /** @throws InvalidArgumentError for an unknown stage, or an action that makes no sense there */
  constructor({ name, stages: given = {}, replacements = 0, ranksFlagged = false }: PolicyOptions) {
    if (typeof name !== 'string' || name === '') refuse('policy.name', 'must be a text')
    for (const stage of Object.keys(given))
      if (!stages.includes(stage as Stage))
        refuse(`policy.stages.${stage}`, 'unknown stage', `Known are ${stages.join(', ')}.`)
    if (!Number.isSafeInteger(replacements) || replacements < 0 || replacements > mostReplacements)
      refuse('policy.replacements', `must be a whole number from 0 to ${mostReplacements}, not ${String(replacements)}`)
    if (typeof ranksFlagged !== 'boolean') refuse('policy.ranksFlagged', 'must be true or false')
    this.name = name
    this.stages = Object.freeze(
      Object.fromEntries(stages.map(stage => [stage, checkedRule(stage, given[stage] ?? blocks)])),
    ) as Readonly<Record<Stage, StageRule>>
    this.replacements = replacements
    this.ranksFlagged = ranksFlagged
    Object.freeze(this)
  }

  /** Whether checkers are asked at a stage. */
  checks(stage: Stage): boolean {
    return this.stages[stage] !== 'unchecked'
  }

  /** What is done; 'none' (nobody was asked) goes on. */
  actionFor(stage: Stage, verdict: Verdict | 'none'): Action {
    const rule = this.stages[stage]
    if (verdict === 'none' || rule === 'unchecked' || verdict.decision === 'allow') return 'allow'
    return rule[verdict.decision]
  }
}

function checkedRule(stage: Stage, rule: StageRule): StageRule {
  if (rule === 'unchecked') return rule
  if (rule === null || typeof rule !== 'object')
    refuse(`policy.stages.${stage}`, "must be 'unchecked' or {block, unknown}")
  const known = actionsOf(stage)
  for (const decision of ['block', 'unknown'] as const)
    if (!known.includes(rule[decision]))
      refuse(
        `policy.stages.${stage}.${decision}`,
        `${JSON.stringify(rule[decision])} makes no sense here`,
        `At this stage there are ${known.join(', ')}.`,
      )
  return Object.freeze({ block: rule.block, unknown: rule.unknown })
}
