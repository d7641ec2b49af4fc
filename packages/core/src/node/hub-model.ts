import { stat } from 'node:fs/promises'
import { MissingDependencyError } from '../errors.js'
import { type HubOptions, isModelId } from '../hub.js'
import type { TaskOptions } from '../progress.js'

/** What models are there for. */
export type HubModelKind = 'chat' | 'paint' | 'ranker' | 'image-checker'

/** A model that a hub's id has led to. */
export interface HubModel {
  /** File or folder to load. */
  readonly path: string
  /** Folders of models that it works with. */
  readonly companions: Partial<Readonly<Record<HubModelKind, string>>>
}

/** What '@viscpm/models/node' exports, as far as loading needs it. */
export interface ModelHub {
  obtainModel(name: string, kinds: readonly HubModelKind[], options: HubOptions & TaskOptions): Promise<HubModel>
}

/**
 * Where the model of a hub's id lies, downloaded first if need be. A file or folder of that name goes before.
 * @param importHub imports '@viscpm/models/node', which need not be installed
 * @returns undefined for what is no id, or is a path
 * @throws MissingDependencyError, and what `obtainModel` throws
 */
export async function hubModel(
  where: string,
  kinds: readonly HubModelKind[],
  importHub: () => Promise<ModelHub>,
  { hub, signal, onProgress }: { readonly hub?: HubOptions } & TaskOptions = {},
): Promise<HubModel | undefined> {
  const there = stat(where).then(
    () => true,
    () => false,
  )
  if (!isModelId(where) || (await there)) return undefined
  const { obtainModel } = await importHub().catch(cause => {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new MissingDependencyError({
      dependency: '@viscpm/models',
      message: `${where} is neither a file nor a folder; as the id of a hub's model it needs @viscpm/models`,
      hint: 'npm install @viscpm/models',
      cause,
    })
  })
  return obtainModel(where, kinds, { ...hub, ...(signal && { signal }), ...(onProgress && { onProgress }) })
}
