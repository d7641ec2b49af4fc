import type { Image } from '@viscpm/core'
import type { HostContext } from '@viscpm/core/host'
import type { ModelLayersCard } from '@viscpm/eval'
import { lookAt, type Seen } from './eyes.js'
import { type LayersRequest, measureLayers } from './layers.js'

/** What computes long without letting its thread go. */
export class BilingualService {
  look(
    images: readonly Image[],
    eyes: string,
    threads: number | undefined,
    { signal, onProgress }: HostContext,
  ): Promise<Seen[]> {
    return lookAt(images, eyes, { signal, onProgress, ...(threads !== undefined && { threads }) })
  }

  layers(request: LayersRequest, { signal, onProgress }: HostContext): Promise<ModelLayersCard> {
    return measureLayers(request, { signal, onProgress })
  }
}

/** Makes the service; called on the hosted side. */
export const bilingualService = async (): Promise<BilingualService> => new BilingualService()
