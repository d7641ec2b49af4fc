import type { TaskOptions } from '@viscpm/core'
import { createHost } from '@viscpm/core/node'
import type { ReportCard, ReportRequest } from './card.js'
import type { ReportService } from './hosted-service.js'

/**
 * `measureCard` in another thread: this one stays free, so that Ctrl-C and the progress bar live.
 * @throws as `measureCard`; HostCrashedError when the thread dies
 */
export async function hostReport(request: ReportRequest, task: TaskOptions): Promise<ReportCard> {
  const host = await createHost<ReportService>({
    module: new URL(import.meta.url.endsWith('.ts') ? './hosted-service.ts' : './hosted-service.js', import.meta.url),
    export: 'reportService',
    args: [],
    ...(task.signal && { signal: task.signal }),
  })
  try {
    return await host.call('measure', [request], task)
  } finally {
    await host.dispose()
  }
}
