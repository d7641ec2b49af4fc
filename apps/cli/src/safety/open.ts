import type { SafetySetup } from '@viscpm/safety'
import type { OpenSafety } from '@viscpm/safety/node'
import { showLoading } from '../commands/load-model.js'
import type { Context } from '../context.js'
import type { ProgressView } from '../terminal/progress.js'

/** Makes the Safety of a command line, showing how far it is where checkers have to be loaded. */
export async function openSafety(
  context: Context,
  setup: SafetySetup,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<OpenSafety> {
  const folders = [setup.promptChecker, setup.imageChecker].filter(folder => folder !== undefined)
  const { services } = context
  if (folders.length === 0) return services.buildSafety(setup, { signal })
  return showLoading(context, folders.join(', '), progress, signal, task => services.buildSafety(setup, task))
}
