import { chooseEngine, type Place } from '../engine/choose.js'
import { asEngineError, type EngineError, isAbort } from '../engine/errors.js'
import type { Engine, EngineModel } from '../engine/types.js'
import { Store } from '../store/store.js'

export interface EngineState {
  readonly place: Place
  readonly status: 'connecting' | 'ready' | 'away' | 'key'
  readonly models: readonly EngineModel[]
  readonly error: EngineError | undefined
  /** Open while somebody has to type a key. */
  readonly keyAsked: { readonly wrong: boolean } | undefined
  readonly hasKey: boolean
}

export interface EngineServiceOptions {
  readonly place: Place
  /** Where the key is kept until the tab is closed. */
  readonly session: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined
  readonly choose?: typeof chooseEngine
}

const keyName = 'viscpm.key'

/** Who computes, whether it is there, and the key that it may ask for. */
export class EngineService {
  readonly store: Store<EngineState>
  readonly #options: EngineServiceOptions
  #engine: Promise<Engine> | undefined
  #key: string | undefined
  #answerKey: ((key: string | undefined) => void) | undefined
  #keyAnswered: Promise<string | undefined> | undefined
  #attempt = 0

  constructor(options: EngineServiceOptions) {
    this.#options = options
    try {
      this.#key = options.session?.getItem(keyName) ?? undefined
    } catch {
      // Without a place for it the key has to be typed again.
    }
    this.store = new Store<EngineState>({
      place: options.place,
      status: 'connecting',
      models: [],
      error: undefined,
      keyAsked: undefined,
      hasKey: this.#key !== undefined,
    })
  }

  model(kind: EngineModel['kind']): EngineModel | undefined {
    return this.store.state.models.find(model => model.kind === kind)
  }

  /** Asks who is there. What comes of it is in the state. */
  async connect(): Promise<void> {
    const attempt = ++this.#attempt
    this.store.set({ status: 'connecting', error: undefined })
    try {
      const models = await this.run(engine => engine.models())
      if (attempt === this.#attempt) this.store.set({ status: 'ready', models })
    } catch (thrown) {
      if (attempt !== this.#attempt) return
      const error = asEngineError(thrown)
      const key = error.code === 'key-needed' || error.code === 'key-wrong'
      this.store.set({ status: key ? 'key' : 'away', error, models: [] })
    }
  }

  async use(place: Place): Promise<void> {
    if (place === this.store.state.place) return this.connect()
    const before = this.#engine
    this.#engine = undefined
    this.store.set({ place, models: [] })
    // Let go of what the other one holds; nobody can act on it when that fails.
    await before?.then(engine => engine.dispose()).catch(() => {})
    await this.connect()
  }

  /** Runs a task, and again with a key when one is asked for and typed. @throws EngineError; the signal's reason */
  async run<T>(task: (engine: Engine) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (;;) {
      try {
        const result = await task(await this.#get())
        this.#heard()
        return result
      } catch (thrown) {
        if (signal && isAbort(thrown, signal)) throw thrown
        const error = asEngineError(thrown)
        if (error.code === 'away') this.#lost(error)
        if (error.code !== 'key-needed' && error.code !== 'key-wrong') throw error
        if ((await this.askKey(error.code === 'key-wrong')) === undefined) throw error
      }
    }
  }

  /** Opens the question for the key; undefined when it is closed without one. */
  askKey(wrong: boolean): Promise<string | undefined> {
    this.#keyAnswered ??= new Promise(resolve => {
      this.#answerKey = resolve
      this.store.set({ keyAsked: { wrong } })
    })
    return this.#keyAnswered
  }

  /** @param key undefined: closed without one */
  answerKey(key: string | undefined): void {
    if (key !== undefined) this.#keep(key)
    this.store.set({ keyAsked: undefined })
    this.#answerKey?.(key)
    this.#keyAnswered = undefined
    this.#answerKey = undefined
  }

  forgetKey(): void {
    this.#keep(undefined)
  }

  /** A server that was there is not any more: said at once, not when the page is loaded next. */
  #lost(error: EngineError): void {
    const { place, status } = this.store.state
    if (place === 'server' && status === 'ready') this.store.set({ status: 'away', error })
  }

  /** A server that went away answers again, with what it had. */
  #heard(): void {
    const { status, models } = this.store.state
    if (status === 'away' && models.length > 0) this.store.set({ status: 'ready', error: undefined })
  }

  #keep(key: string | undefined): void {
    this.#key = key
    this.store.set({ hasKey: key !== undefined })
    try {
      if (key === undefined) this.#options.session?.removeItem(keyName)
      else this.#options.session?.setItem(keyName, key)
    } catch {
      // It holds as long as the page does.
    }
  }

  #get(): Promise<Engine> {
    const choose = this.#options.choose ?? chooseEngine
    this.#engine ??= choose(this.store.state.place, { key: () => this.#key })
    return this.#engine
  }
}
