import type { Conversation } from '../chat/conversation.js'
import type { GalleryPicture } from '../paint/gallery.js'

/** What the page keeps, by the name of its shelf. */
export interface Things {
  readonly conversations: Conversation
  readonly gallery: GalleryPicture
}

/** What came to a shelf, or went. */
export type Change<T> = { readonly put: T } | { readonly removed: string } | { readonly cleared: true }

/** Tells the other tabs of the page what changes on the shelves, so that none writes an old state over a new one. */
export class Tabs {
  // Absent in old browsers: then a tab sees what others did when it is loaded.
  readonly #channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('viscpm')
  readonly #listeners = new Map<keyof Things, (change: Change<never>) => void>()

  constructor() {
    this.#channel?.addEventListener('message', ({ data }) => {
      const { shelf, change } = data as { shelf: keyof Things; change: Change<never> }
      this.#listeners.get(shelf)?.(change)
    })
  }

  tell<K extends keyof Things>(shelf: K, change: Change<Things[K]>): void {
    this.#channel?.postMessage({ shelf, change })
  }

  listen<K extends keyof Things>(shelf: K, listener: (change: Change<Things[K]>) => void): void {
    this.#listeners.set(shelf, listener as (change: Change<never>) => void)
  }

  close(): void {
    this.#channel?.close()
  }
}
