import { isVisCPMError, type Progress } from '@viscpm/core'
import type { Host } from '@viscpm/core/host'
import { createHost } from '@viscpm/core/node'
import type { SafetySetup } from '@viscpm/safety'
import type { JobRequest, JobResult, RunOptions } from '../jobs/types.js'
import type { ChatModelInfo, ChatService } from './chat-service.js'
import { HostSlot } from './host-slot.js'
import type { EngineLogger, LoadSettings } from './options.js'
import type { PaintModelInfo, PaintService } from './paint-service.js'

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const moduleOf = (name: string): URL => new URL(`./${name}.${extension}`, import.meta.url)

type ModelHost = Host<ChatService | PaintService>

export interface HostedModelOptions {
  readonly id: string
  readonly kind: JobRequest['kind']
  readonly where: string
  readonly settings: LoadSettings
  readonly safety: SafetySetup
  readonly killAfter: number
  readonly logger: EngineLogger
}

/** One model in a process of its own, which is started again when it dies. */
export class HostedModel {
  readonly id: string
  readonly kind: JobRequest['kind']
  /** Known once it is loaded. */
  info: ChatModelInfo | PaintModelInfo | undefined
  private readonly slot: HostSlot<ChatService | PaintService>
  private readonly loading = new AbortController()

  constructor(private readonly options: HostedModelOptions) {
    this.id = options.id
    this.kind = options.kind
    this.slot = new HostSlot(() => this.load())
  }

  /** Waits until it is loaded. @throws what loading throws */
  async ready(): Promise<void> {
    await this.slot.get()
  }

  /** @throws what the model throws; HostCrashedError; the signal's reason */
  async run(request: JobRequest, options: RunOptions): Promise<JobResult> {
    const { signal } = options
    try {
      return await this.slot.run(host => this.watched(host, request, options), signal)
    } catch (error) {
      signal.throwIfAborted()
      if (isVisCPMError(error, 'HOST_CRASHED')) {
        this.options.logger.warn('the process of a model died', { model: this.id, kind: this.kind })
        this.slot.reload()
      }
      throw error
    }
  }

  async dispose(): Promise<void> {
    this.loading.abort(new DOMException('The engine was disposed', 'AbortError'))
    await this.slot.dispose()
  }

  /** What does not come back from a native call is ended from outside. */
  private async watched(host: ModelHost, request: JobRequest, options: RunOptions): Promise<JobResult> {
    const { signal } = options
    let timer: NodeJS.Timeout | undefined
    const watch = () => {
      timer = setTimeout(() => void this.slot.replace(host).catch(() => {}), this.options.killAfter).unref()
    }
    signal.addEventListener('abort', watch, { once: true })
    try {
      signal.throwIfAborted()
      return await runOn(host, request, options)
    } finally {
      signal.removeEventListener('abort', watch)
      clearTimeout(timer)
    }
  }

  private async load(): Promise<ModelHost> {
    const { id, kind, where, settings, safety, logger } = this.options
    const start = performance.now()
    const host = await createHost<ChatService | PaintService>({
      module: moduleOf(`${kind}-service`),
      export: `${kind}Service`,
      args: [where, settings, safety],
      kind: 'process',
      signal: this.loading.signal,
    })
    this.info = (await host.call('info', [])) as ChatModelInfo | PaintModelInfo
    logger.info('loaded a model', { model: id, kind, ms: Math.round(performance.now() - start) })
    return host
  }
}

async function runOn(host: ModelHost, request: JobRequest, { signal, emit }: RunOptions): Promise<JobResult> {
  const onProgress = (progress: Progress): void => {
    void (async () => emit({ type: 'progress', progress }))().catch(() => {}) // it is only progress
  }
  const task = { signal, onProgress }
  const { kind, model: _model, ...rest } = request
  // Read to its end: leaving at the result would be one more message to the process, and be waited for.
  let result: JobResult | undefined
  if (kind === 'chat') {
    for await (const item of (host as Host<ChatService>).stream('answer', [rest as never], task))
      if (typeof item === 'string') await emit({ type: 'text', text: item })
      else result = { kind: 'chat', answer: item.answer }
  } else
    for await (const item of (host as Host<PaintService>).stream('paint', [rest as never], task))
      if ('result' in item) result = item.result
      else await emit({ type: 'preview', ...item })
  if (result) return result
  throw new Error('unreachable: a stream ends with its result or throws')
}
