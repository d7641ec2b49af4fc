import { type SafetySetup, stateOf } from '@viscpm/safety'
import type { OpenSafety } from '@viscpm/safety/node'
import type { Context } from '../context.js'
import type { ChatModel } from '../models.js'
import type { ModelOptions } from '../options/model.js'
import type { SafetyOptions } from '../options/safety.js'
import { announce, stagesOf } from '../safety/coverage.js'
import { openSafety } from '../safety/open.js'
import type { ProgressView } from '../terminal/progress.js'
import { loadModel } from './load-model.js'

/** Opens the checkers, loads a chat behind them, and says what is checked. Nothing stays open when one of them fails. */
export async function loadChat(
  context: Context,
  options: ModelOptions & SafetyOptions & { readonly quiet?: boolean; readonly json?: boolean },
  setup: SafetySetup,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<{ readonly model: ChatModel; readonly guarding: OpenSafety }> {
  const { services } = context
  const guarding = await openSafety(context, setup, progress, signal)
  const { safety } = guarding
  try {
    const model = await loadModel(
      context,
      (where, load) => services.loadChat(where, { ...load, safety }),
      options,
      progress,
      signal,
    )
    announce(context, stateOf(safety), stagesOf.chat, options)
    return { model, guarding }
  } catch (error) {
    await guarding.dispose()
    throw error
  }
}
