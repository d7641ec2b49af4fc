import { useSyncExternalStore } from 'react'

/** State outside of components: views come and go, what runs in it goes on. */
export class Store<S> {
  #state: S
  readonly #listeners = new Set<() => void>()

  constructor(state: S) {
    this.#state = state
  }

  get state(): S {
    return this.#state
  }

  set(change: Partial<S> | ((state: S) => Partial<S>)): void {
    this.#state = { ...this.#state, ...(typeof change === 'function' ? change(this.#state) : change) }
    for (const listener of this.#listeners) listener()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** A part of a store's state. @param select must give the same object for the same state */
export function useStore<S, T>(store: Store<S>, select: (state: S) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store.state))
}
