import type { TaskOptions } from '@viscpm/core'
import type { Context } from '../context.js'
import type { LoadOptions } from '../models.js'
import { loadOptions, type ModelOptions } from '../options/model.js'
import { oneLine } from '../terminal/printable.js'
import type { ProgressView } from '../terminal/progress.js'

/** Loads a model, showing how far it is. */
export async function loadModel<T>(
  context: Context,
  load: (where: string, options: LoadOptions) => Promise<T>,
  options: ModelOptions,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<T> {
  return showLoading(context, options.model, progress, signal, task =>
    load(options.model, { ...loadOptions(options), ...task }),
  )
}

/** Shows how far the loading of anything is. */
export async function showLoading<T>(
  { t }: Context,
  where: string,
  progress: ProgressView,
  signal: AbortSignal,
  load: (task: Required<TaskOptions>) => Promise<T>,
): Promise<T> {
  const name = oneLine(where)
  progress.start(t.progress.loading(name))
  try {
    const model = await load({ signal, onProgress: progress.update })
    progress.done(seconds => t.progress.loaded(name, seconds))
    return model
  } finally {
    progress.stop()
  }
}
