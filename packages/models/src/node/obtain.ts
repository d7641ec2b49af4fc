import { InvalidArgumentError, type TaskOptions } from '@viscpm/core'
import type { ModelKind } from '../types.js'
import { type DownloadOptions, downloadModel } from './download.js'
import { type DownloadedModel, findDownloaded } from './downloaded.js'
import { namedModel } from './names.js'

/**
 * A model of one of `kinds`, from the cache where it is there, else downloaded: what loading a model by its id does.
 * @throws InvalidArgumentError when it is of another kind; else what `downloadModel` throws
 */
export async function obtainModel(
  name: string,
  kinds: readonly ModelKind[],
  options: Omit<DownloadOptions, 'onProgress'> & TaskOptions = {},
): Promise<DownloadedModel> {
  const { id, model } = namedModel(name, options.zoo)
  if (model && !kinds.includes(model.kind))
    throw new InvalidArgumentError({
      argument: 'model',
      message: `${id} is a ${model.kind} model, wanted is ${kinds[0]}`,
    })
  return (await findDownloaded(name, options)) ?? downloadModel(name, options)
}
