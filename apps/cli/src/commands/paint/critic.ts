import { SelfCritic } from '@viscpm/eval'
import type { Reranker } from '@viscpm/reranker'
import { offPolicy, Safety } from '@viscpm/safety'
import type { Context } from '../../context.js'
import type { PainterModelOptions, RankByOptions } from '../../options/painter-model.js'
import type { ProgressView } from '../../terminal/progress.js'
import { showLoading } from '../load-model.js'

/** A chat that chooses pictures, until it is disposed of. */
export interface OpenCritic {
  readonly reranker: Reranker
  dispose(): Promise<void>
}

/** Loads the chat that `--critic` names. */
export async function openCritic(
  context: Context,
  { critic = 'tiny', threads }: Pick<RankByOptions, 'critic'> & Pick<PainterModelOptions, 'threads'>,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<OpenCritic> {
  // The painter's checkers have passed the prompt and every picture that is ranked; what the critic says is shown to nobody.
  const safety = new Safety({ policy: offPolicy })
  const chat = await showLoading(context, critic, progress, signal, task =>
    context.services.loadCritic(critic, { safety, ...(threads !== undefined && { threads }), ...task }),
  )
  return { reranker: new SelfCritic({ chat }), dispose: () => chat.dispose() }
}
