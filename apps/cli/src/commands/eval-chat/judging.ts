import { isVisCPMError } from '@viscpm/core'
import { chatCompletionsJudge, type Judge, wordOverlapJudge } from '@viscpm/eval'
import { proxyFetch } from '@viscpm/eval/node'
import type { Context } from '../../context.js'
import { UsageError } from '../../failures.js'
import { type EvalChatOptions, judgeKind } from './options.js'

export interface OpenJudge {
  readonly judge: Judge
  close(): Promise<void>
}

/** The judge of the options; undefined for none. @throws UsageError for a wrong address */
export function openJudge({ io, t }: Context, options: EvalChatOptions): OpenJudge | undefined {
  const kind = judgeKind(options, t)
  if (kind === 'none') return undefined
  if (kind === 'word-overlap') return { judge: wordOverlapJudge(), close: async () => {} }
  const { judgeTemperature, judgeMaxTokens, judgeTimeout, judgeRetries } = options
  const key = io.env[options.judgeKeyEnv]
  const { fetch, close } = proxyFetch()
  try {
    const judge = chatCompletionsJudge({
      ...{ url: options.judgeUrl!, model: options.judgeModel!, fetch },
      ...(key && { key }),
      ...(judgeTemperature !== undefined && { temperature: judgeTemperature }),
      ...(judgeMaxTokens !== undefined && { maxTokens: judgeMaxTokens }),
      ...(judgeTimeout !== undefined && { timeout: judgeTimeout * 1000 }),
      ...(judgeRetries !== undefined && { retries: judgeRetries }),
    })
    return { judge, close }
  } catch (error) {
    if (!isVisCPMError(error, 'INVALID_ARGUMENT')) throw error
    throw new UsageError(error.message.replace(/^url/, '--judge-url'), error.hint)
  }
}
