import { readFile } from 'node:fs/promises'
import { DisposedError } from '@viscpm/core'
import type { Host } from '@viscpm/core/host'
import { createHost } from '@viscpm/core/node'
import type { PaintResult } from '@viscpm/paint'
import { findPainter } from '@viscpm/paint/node'
import type { SchedulerConfig } from '@viscpm/unet-sampler'
import type { Painter, PainterOptions, PaintRequest } from '../models.js'
import type { SafetyState } from '../safety/coverage.js'
import type { HostedPaintService, PainterInfo } from './hosted-service.js'

/** A painter that runs elsewhere: this thread stays free, so that Ctrl-C and the progress bar live while it works. */
class HostedPainter implements Painter {
  readonly name: string
  readonly modelHash: string
  readonly defaultSize: number
  readonly safety: SafetyState

  constructor(
    private readonly host: Host<HostedPaintService>,
    info: PainterInfo,
    readonly schedulerConfig: SchedulerConfig | undefined,
  ) {
    this.name = info.name
    this.modelHash = info.modelHash
    this.defaultSize = info.defaultSize
    this.safety = info.safety
  }

  async generate(request: PaintRequest): Promise<PaintResult> {
    const { signal, onProgress, onStep, scheduler, ...rest } = request
    const sent = { ...rest, scheduler: scheduler?.config }
    const task = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
    for await (const item of this.host.stream('paint', [sent, onStep !== undefined], task))
      if ('result' in item) return item.result
      else onStep?.(item.step)
    throw new DisposedError({ message: 'the hosted painter ended before its picture' })
  }

  async dispose(): Promise<void> {
    await this.host.dispose()
  }
}

/**
 * Loads a painter in a thread of its own, or in a process with memory 'low': there what each network took is given back; `where` and errors as in `VisCPMPaint.load`.
 * @throws HostCrashedError when the thread dies
 */
export async function hostPainter(where: string, options: PainterOptions): Promise<Painter> {
  const { signal, onProgress, ...load } = options
  // Before the thread: what is missing is said at once.
  const { schedulerConfig } = await findPainter(where, load)
  const host = await createHost<HostedPaintService>({
    module: new URL(import.meta.url.endsWith('.ts') ? './hosted-service.ts' : './hosted-service.js', import.meta.url),
    export: 'hostedPainter',
    kind: load.memory === 'low' ? 'process' : 'worker',
    args: [where, load],
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  })
  try {
    return new HostedPainter(host, await host.call('info', []), await schedulerOf(schedulerConfig))
  } catch (error) {
    await host.dispose()
    throw error
  }
}

/** How the model was trained; loading it has found the file sound. */
async function schedulerOf(file: string | undefined): Promise<SchedulerConfig | undefined> {
  return file === undefined ? undefined : JSON.parse(await readFile(file, 'utf8'))
}
