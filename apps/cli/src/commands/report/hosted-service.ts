import type { HostContext } from '@viscpm/core/host'
import type { ReportCard, ReportRequest } from './card.js'
import { measureCard } from './measure.js'

/** Measures in a thread of its own. */
export class ReportService {
  measure(request: ReportRequest, { signal, onProgress }: HostContext): Promise<ReportCard> {
    return measureCard(request, { signal, onProgress })
  }
}

/** Makes the service; called on the hosted side. */
export const reportService = async (): Promise<ReportService> => new ReportService()
