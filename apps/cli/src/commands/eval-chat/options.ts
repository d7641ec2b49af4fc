import type { DecodingOptions } from '@viscpm/chat'
import { type ReviewOrder, reviewOrders } from '@viscpm/eval'
import type { GlobalOptions } from '../../context.js'
import { UsageError } from '../../failures.js'
import type { Messages } from '../../messages/index.js'
import type { ModelOptions } from '../../options/model.js'
import type { SafetyOptions } from '../../options/safety.js'

export interface EvalChatOptions extends GlobalOptions, ModelOptions, DecodingOptions, SafetyOptions {
  readonly questions?: string
  readonly references?: string
  readonly contexts?: string
  readonly rules?: string
  readonly pictures?: string
  readonly answers?: string
  readonly against?: string
  readonly judge?: 'endpoint' | 'word-overlap' | 'none'
  readonly judgeUrl?: string
  readonly judgeModel?: string
  readonly judgeKeyEnv: string
  readonly judgeTemperature?: number
  readonly judgeMaxTokens?: number
  readonly judgeTimeout?: number
  readonly judgeRetries?: number
  readonly judgeConcurrency?: number
  readonly orders: 'both' | 'second' | 'first'
  readonly output?: string
  readonly markdown?: boolean
  readonly json?: boolean
}

/** Who judges. @throws UsageError where that is not said, or half of it */
export function judgeKind(options: EvalChatOptions, t: Messages): 'endpoint' | 'word-overlap' | 'none' {
  const { usage } = t.eval.chat
  const { judgeUrl, judgeModel, questions } = options
  const given = judgeUrl !== undefined || judgeModel !== undefined
  const kind = options.judge ?? (given ? 'endpoint' : questions === undefined ? 'word-overlap' : undefined)
  if (kind === undefined) throw new UsageError(usage.judgeNeeded, usage.judgeHint)
  if (kind === 'endpoint') {
    if (judgeUrl === undefined)
      throw new UsageError(usage.needs(judgeModel ? '--judge-model' : '--judge endpoint', '--judge-url'))
    if (judgeModel === undefined) throw new UsageError(usage.needs('--judge-url', '--judge-model'))
  } else if (given)
    throw new UsageError(t.parsing.conflict(`--judge ${kind}`, judgeUrl ? '--judge-url' : '--judge-model'))
  return kind
}

/** @throws UsageError for options that need others, or do nothing beside them */
export function checkOptions(options: EvalChatOptions, t: Messages): void {
  const { usage } = t.eval.chat
  const { answers, against, questions, output, pictures } = options
  const needs = (option: string, missing: string): never => {
    throw new UsageError(usage.needs(option, missing), usage.together)
  }
  if (against !== undefined) {
    if (answers === undefined) needs('--against', '--answers')
    if (questions !== undefined) throw new UsageError(t.parsing.conflict('--against', '--questions'))
    return
  }
  const kind = judgeKind(options, t)
  if (questions === undefined) {
    if (answers !== undefined) needs('--answers', '--questions')
    const alone = (['references', 'contexts', 'rules', 'pictures'] as const).find(name => options[name] !== undefined)
    if (alone) needs(`--${alone}`, '--questions')
    return
  }
  if (answers === undefined && pictures === undefined) needs('--questions', '--pictures')
  if (answers !== undefined && kind === 'none') needs('--answers', '--judge-url')
  if (kind !== 'none')
    for (const name of ['references', 'contexts', 'rules'] as const)
      if (options[name] === undefined) needs('--questions', `--${name}`)
  if (output === undefined) throw new UsageError(usage.outputNeeded, usage.outputHint)
}

export function ordersOf({ orders }: EvalChatOptions): readonly ReviewOrder[] {
  return orders === 'both' ? reviewOrders : [`candidate-${orders}`]
}
