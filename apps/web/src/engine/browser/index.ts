import { DisposedError, isVisCPMError, type Logger, silentLogger } from '@viscpm/core'
import { type Host, HostClient } from '@viscpm/core/host'
import type { ChatReply, ChatRequest, Engine, EngineModel, PaintReply, PaintRequest } from '../types.js'
import type { RuntimeInfo, RuntimeOptions } from './runtime.js'
import type { BrowserService, ServiceOptions } from './service.js'
import { workerTransport } from './worker-transport.js'

export type { RuntimeInfo } from './runtime.js'

export interface BrowserEngineOptions extends RuntimeOptions {
  /** Folder of the embedded model's files, as @viscpm/tiny has them: model/ and paint/. Default '/models/tiny/'. */
  readonly base?: string | URL
  /** What the worker has to say. Default: nothing. */
  readonly logger?: Logger
}

/** An engine without a server: the embedded model in a worker of this page. */
export interface BrowserEngine extends Engine {
  /** What computes, and why it is not what was wished for; loads onnxruntime. */
  runtime(): Promise<RuntimeInfo>
}

/**
 * Starts nothing yet: the worker, onnxruntime and each model come when they are first asked for. A model that was loaded once
 * is kept by the browser. Only in a secure context: https, or http://localhost.
 */
export function browserEngine(options: BrowserEngineOptions = {}): BrowserEngine {
  return new WorkerEngine(options)
}

class WorkerEngine implements BrowserEngine {
  readonly place = 'browser'
  #host: Promise<Host<BrowserService>> | undefined
  #disposed = false

  constructor(private readonly options: BrowserEngineOptions) {}

  async models(signal?: AbortSignal): Promise<readonly EngineModel[]> {
    return this.#with(host => host.call('models', [], signal ? { signal } : {}))
  }

  runtime(): Promise<RuntimeInfo> {
    return this.#with(host => host.call('runtime', []))
  }

  chat({ signal, onText, onProgress, ...request }: ChatRequest): Promise<ChatReply> {
    return this.#with(async host => {
      const task = { signal, ...(onProgress && { onProgress }) }
      for await (const item of host.stream('chat', [request], task))
        if (typeof item === 'string') onText(item)
        else return item.reply
      signal.throwIfAborted()
      throw new DisposedError({ message: 'the worker ended before its answer' })
    })
  }

  paint({ signal, onProgress, onPreview, ...request }: PaintRequest): Promise<PaintReply> {
    return this.#with(async host => {
      const task = { signal, ...(onProgress && { onProgress }), ahead: 2 }
      const sent = { ...request, previews: onPreview !== undefined }
      for await (const item of host.stream('paint', [sent], task))
        if ('reply' in item) return item.reply
        else onPreview?.(item.preview.images, item.preview.step, item.preview.steps)
      signal.throwIfAborted()
      throw new DisposedError({ message: 'the worker ended before its picture' })
    })
  }

  async dispose(): Promise<void> {
    this.#disposed = true
    const host = await this.#host?.catch(() => undefined)
    await host?.dispose()
  }

  /** A worker that died is replaced by another at the next call. */
  async #with<R>(work: (host: Host<BrowserService>) => Promise<R>): Promise<R> {
    if (this.#disposed) throw new DisposedError({ message: 'this engine was disposed' })
    const starting = this.#host ?? this.#start()
    this.#host = starting
    const restart = () => {
      if (this.#host === starting) this.#host = undefined
    }
    starting.catch(restart)
    try {
      return await work(await starting)
    } catch (error) {
      if (isVisCPMError(error, 'HOST_CRASHED')) restart()
      throw error
    }
  }

  async #start(): Promise<Host<BrowserService>> {
    const { base = '/models/tiny/', logger = silentLogger, ...runtime } = this.options
    const { href } = new URL(base, location.href)
    const options: ServiceOptions = { ...runtime, base: href.endsWith('/') ? href : `${href}/` }
    // Written so that Vite sees the worker and makes a script of it.
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'viscpm' })
    const host = new HostClient(workerTransport(worker), { export: 'browserService', args: [options], logger })
    await host.load('viscpm')
    return host as Host<object> as Host<BrowserService>
  }
}
