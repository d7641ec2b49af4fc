import type { Image, TaskOptions } from '@viscpm/core'
import { createHost } from '@viscpm/core/node'
import type { ModelLayersCard } from '@viscpm/eval'
import type { Seen } from './eyes.js'
import type { BilingualService } from './hosted-service.js'
import type { LayersRequest } from './layers.js'

/** What the command has measured elsewhere. */
export interface BilingualHost {
  look(images: readonly Image[], eyes: string, threads: number | undefined, task: TaskOptions): Promise<Seen[]>
  layers(request: LayersRequest, task: TaskOptions): Promise<ModelLayersCard>
  dispose(): Promise<void>
}

/** `lookAt` and `measureLayers` in another thread: this one stays free, so that Ctrl-C and the progress bar live. */
export async function hostBilingual(task: Pick<TaskOptions, 'signal'>): Promise<BilingualHost> {
  const host = await createHost<BilingualService>({
    module: new URL(import.meta.url.endsWith('.ts') ? './hosted-service.ts' : './hosted-service.js', import.meta.url),
    export: 'bilingualService',
    args: [],
    ...(task.signal && { signal: task.signal }),
  })
  return {
    look: (images, eyes, threads, options) => host.call('look', [images, eyes, threads], options),
    layers: (request, options) => host.call('layers', [request], options),
    dispose: () => host.dispose(),
  }
}
