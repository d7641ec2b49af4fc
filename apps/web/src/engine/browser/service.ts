import { VisCPMChat } from '@viscpm/chat/web'
import type { Logger, TaskOptions } from '@viscpm/core'
import type { HostContext } from '@viscpm/core/host'
import { openWebFolder, type WebFolder } from '@viscpm/core/web'
import { VisCPMPaint } from '@viscpm/paint/web'
import { parseUNetConfig, parseVaeConfig, type SchedulerConfig, schedulerNames, vaeScale } from '@viscpm/unet-sampler'
import type { EngineModel } from '../types.js'
import { answer, type ChatItem, type SentChat } from './chat.js'
import { type PaintItem, paint, type SentPaint } from './paint.js'
import { openRuntime, type Runtime, type RuntimeInfo, type RuntimeOptions } from './runtime.js'
import { SharedLoad } from './shared-load.js'

export interface ServiceOptions extends RuntimeOptions {
  /** Address of the folder that holds model/ and paint/, ending with a slash. */
  readonly base: string
}

interface Painter {
  readonly painter: Awaited<ReturnType<typeof VisCPMPaint.load>>
  readonly trained: SchedulerConfig | undefined
  dispose(): Promise<void>
}

type Chat = Awaited<ReturnType<typeof VisCPMChat.load>>

/** The embedded models in a worker: each is loaded when it is first asked for. */
export class BrowserService {
  #runtime: Promise<Runtime> | undefined
  readonly #chat: SharedLoad<Chat>
  readonly #painter: SharedLoad<Painter>

  constructor(
    private readonly options: ServiceOptions,
    private readonly logger: Logger,
  ) {
    this.#chat = new SharedLoad(task => this.#loadChat(task))
    this.#painter = new SharedLoad(task => this.#loadPainter(task))
  }

  async models({ signal }: HostContext): Promise<readonly EngineModel[]> {
    const [chat, painter] = await Promise.all([this.#folder('model', { signal }), this.#folder('paint', { signal })])
    const languages = await chat.json('config.json', json => (json as { languages?: readonly string[] }).languages)
    const unet = await painter.json('unet/config.json', parseUNetConfig)
    const vae = await painter.json('vae/config.json', parseVaeConfig)
    const spoken = languages && { languages }
    return [
      { id: 'tiny', kind: 'chat', ...spoken },
      { id: 'tiny', kind: 'paint', size: unet.sample_size * vaeScale(vae), schedulers: schedulerNames, ...spoken },
    ]
  }

  async runtime(): Promise<RuntimeInfo> {
    return (await this.#open()).info
  }

  async *chat(request: SentChat, { signal, onProgress }: HostContext): AsyncGenerator<ChatItem> {
    yield* answer(await this.#chat.get({ signal, onProgress }), request, { signal, onProgress })
  }

  async *paint(request: SentPaint, { signal, onProgress }: HostContext): AsyncGenerator<PaintItem> {
    const { painter, trained } = await this.#painter.get({ signal, onProgress })
    yield* paint(painter, trained, request, { signal, onProgress })
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#chat.dispose(), this.#painter.dispose()])
  }

  #open(): Promise<Runtime> {
    this.#runtime ??= openRuntime(this.options, this.logger).catch(error => {
      this.#runtime = undefined
      throw error
    })
    return this.#runtime
  }

  #folder(name: string, task: TaskOptions): Promise<WebFolder> {
    return openWebFolder(new URL(`${name}/`, this.options.base), { ...task, logger: this.logger })
  }

  async #loadChat(task: Required<TaskOptions>): Promise<Chat> {
    const { backend, options } = await this.#open()
    return VisCPMChat.load(await this.#folder('model', task), { backend, ...options, ...task, logger: this.logger })
  }

  async #loadPainter(task: Required<TaskOptions>): Promise<Painter> {
    const { backend, options } = await this.#open()
    const files = await this.#folder('paint', task)
    const trained = await files.jsonIfThere('scheduler/scheduler_config.json', json => json as SchedulerConfig)
    const painter = await VisCPMPaint.load(files, { backend, ...options, ...task })
    return { painter, trained, dispose: () => painter.dispose() }
  }
}

/** Makes the service; called in the worker. */
export function browserService(options: ServiceOptions, { logger }: HostContext): BrowserService {
  return new BrowserService(options, logger)
}
