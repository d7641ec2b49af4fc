import type { Context } from '../context.js'
import { loadOptions, type ModelOptions } from '../options/model.js'
import type { LoadOptions } from '../services.js'
import { oneLine } from '../terminal/printable.js'
import type { ProgressView } from '../terminal/progress.js'

/** Loads a model, showing how far it is. */
export async function loadModel<T>(
  { t }: Context,
  load: (where: string, options: LoadOptions) => Promise<T>,
  options: ModelOptions,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<T> {
  const name = oneLine(options.model)
  progress.start(t.progress.loading(name))
  try {
    const model = await load(options.model, { ...loadOptions(options), signal, onProgress: progress.update })
    progress.done(seconds => t.progress.loaded(name, seconds))
    return model
  } finally {
    progress.stop()
  }
}
