import { SelfCritic } from '@viscpm/eval'
import type { Reranker } from '@viscpm/reranker'
import { offPolicy, Safety } from '@viscpm/safety'
import type { Context } from '../context.js'
import { type DeviceOptions, deviceOptions } from '../options/device.js'
import type { RankByOptions } from '../options/painter-model.js'
import type { ProgressView } from '../terminal/progress.js'
import { showLoading } from './load-model.js'

/** A chat that chooses pictures, until it is disposed of. */
export interface OpenCritic {
  readonly reranker: Reranker
  dispose(): Promise<void>
}

/** Loads the chat that `--critic` names. */
export async function openCritic(
  context: Context,
  {
    critic = 'tiny',
    threads,
    ...options
  }: Pick<RankByOptions, 'critic'> & DeviceOptions & { readonly threads?: number },
  progress: ProgressView,
  signal: AbortSignal,
): Promise<OpenCritic> {
  // Painted pictures and their prompts have passed the painter's checkers; what the critic says is shown to nobody.
  const safety = new Safety({ policy: offPolicy })
  const chat = await showLoading(context, critic, progress, signal, task =>
    context.services.loadCritic(critic, {
      ...{ safety, ...(threads !== undefined && { threads }) },
      ...deviceOptions(options),
      ...task,
    }),
  )
  return { reranker: new SelfCritic({ chat }), dispose: () => chat.dispose() }
}
