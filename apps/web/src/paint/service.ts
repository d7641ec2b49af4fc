import type { EngineService } from '../app/engine-service.js'
import type { Failure } from '../chat/conversation.js'
import { failureOf } from '../chat/failure.js'
import type { EngineProgress, PaintReply } from '../engine/types.js'
import type { Shelf } from '../storage/shelves.js'
import type { Change } from '../storage/tabs.js'
import { newId } from '../store/id.js'
import { Store } from '../store/store.js'
import { defaultForm, formOf, isSeed, type PaintForm, settingsOf } from './form.js'
import { type GalleryPicture, sortGallery } from './gallery.js'

/** One painting: what is seen of it while and after it is done. */
export interface Run {
  readonly status: 'running' | 'painted' | 'blocked' | 'failed' | 'cancelled'
  readonly fromPicture: boolean
  readonly progress?: EngineProgress
  readonly previews: readonly Blob[]
  readonly step: number
  readonly steps: number
  readonly reply?: PaintReply
  readonly failure?: Failure
  /** Index of the candidate that is looked at. */
  readonly shown: number
  /** Candidates that are in the gallery, and under what id. */
  readonly kept: Readonly<Record<number, string>>
}

export interface PaintState {
  readonly form: PaintForm
  readonly source: Blob | undefined
  /** Of the source's size; white is painted anew. */
  readonly mask: Blob | undefined
  readonly run: Run | undefined
  readonly gallery: readonly GalleryPicture[]
}

const started: Run = { status: 'running', fromPicture: false, previews: [], step: 0, steps: 0, shown: 0, kept: {} }

/** Painting, one at a time, and the gallery. What is painted goes on while other views are looked at. */
export class PaintService {
  readonly store: Store<PaintState>
  #controller: AbortController | undefined

  constructor(
    readonly engine: Pick<EngineService, 'run'>,
    readonly shelf: Shelf<GalleryPicture>,
    form: PaintForm = defaultForm,
  ) {
    this.store = new Store<PaintState>({ form, source: undefined, mask: undefined, run: undefined, gallery: [] })
    shelf.onElsewhere(change => this.#elsewhere(change))
  }

  async load(): Promise<void> {
    const kept = await this.shelf.all()
    this.store.set(({ gallery }) => {
      const there = new Set(gallery.map(p => p.id))
      return { gallery: sortGallery([...gallery, ...kept.filter(p => !there.has(p.id))]) }
    })
  }

  fill(change: Partial<PaintForm>): void {
    this.store.set(({ form }) => ({ form: { ...form, ...change } }))
  }

  startFrom(source: Blob | undefined): void {
    this.store.set({ source, mask: undefined })
  }

  mark(mask: Blob | undefined): void {
    this.store.set({ mask })
  }

  takeSettings(picture: GalleryPicture): void {
    this.store.set({ form: formOf(picture.settings) })
  }

  canPaint(): boolean {
    const { form, run } = this.store.state
    return form.prompt.trim() !== '' && run?.status !== 'running' && (!form.seedLocked || isSeed(form.seed))
  }

  async paint(): Promise<void> {
    if (!this.canPaint()) return
    const { form, source, mask } = this.store.state
    const settings = settingsOf(form, source !== undefined)
    this.fill({ seed: settings.seed ?? '' })
    this.store.set({ run: { ...started, fromPicture: source !== undefined } })
    const controller = new AbortController()
    const { signal } = controller
    this.#controller = controller
    const request = {
      ...settings,
      ...(source ? { image: source } : {}),
      ...(source && mask ? { mask } : {}),
      signal,
      onProgress: (progress: EngineProgress) => this.#change({ progress }),
      onPreview: (previews: readonly Blob[], step: number, steps: number) => this.#change({ previews, step, steps }),
    }
    try {
      const reply = await this.engine.run(engine => engine.paint(request), signal)
      this.#finish(reply)
    } catch (thrown) {
      if (signal.aborted) this.#change({ status: 'cancelled' })
      else {
        const failure = failureOf(thrown)
        this.#change({ status: failure.code === 'blocked' ? 'blocked' : 'failed', failure })
      }
    }
  }

  cancel(): void {
    this.#controller?.abort()
  }

  show(candidate: number): void {
    this.#change({ shown: candidate })
  }

  /** Puts a candidate into the gallery. */
  keep(candidate: number): void {
    const { run } = this.store.state
    const painted = run?.reply?.candidates[candidate]
    if (!run?.reply || !painted || painted.withheld || run.kept[candidate] !== undefined) return
    const picture: GalleryPicture = {
      id: newId(),
      picture: painted.picture,
      settings: run.reply.settings,
      fromPicture: run.fromPicture,
      candidate,
      at: Date.now(),
      ...(painted.score === undefined ? {} : { score: painted.score }),
    }
    this.#change({ kept: { ...run.kept, [candidate]: picture.id } })
    this.#add(picture)
  }

  /** @returns what brings it back */
  remove(id: string): () => void {
    const picture = this.store.state.gallery.find(p => p.id === id)
    this.store.set(({ gallery }) => ({ gallery: gallery.filter(p => p.id !== id) }))
    void this.shelf.remove(id)
    return () => {
      if (picture) this.#add(picture)
    }
  }

  clear(): void {
    this.cancel()
    this.store.set({ gallery: [], run: undefined, source: undefined, mask: undefined })
  }

  #add(picture: GalleryPicture): void {
    this.store.set(({ gallery }) => ({ gallery: sortGallery([...gallery, picture]) }))
    void this.shelf.put(picture)
  }

  /** Another tab changed what is kept. */
  #elsewhere(change: Change<GalleryPicture>): void {
    this.store.set(({ gallery }) => {
      if ('cleared' in change) return { gallery: [] }
      const id = 'put' in change ? change.put.id : change.removed
      const others = gallery.filter(p => p.id !== id)
      return { gallery: 'put' in change ? sortGallery([...others, change.put]) : others }
    })
  }

  #finish(reply: PaintReply): void {
    const shown = Math.max(
      0,
      reply.candidates.findIndex(candidate => candidate.chosen),
    )
    this.#change({ status: reply.status, reply, shown, previews: [] })
    if (reply.status === 'painted') this.keep(shown)
  }

  #change(part: Partial<Run>): void {
    this.store.set(({ run }) => ({ run: { ...(run ?? started), ...part } }))
  }
}
