import { newId } from '../store/id.js'
import { Store } from '../store/store.js'

export interface Notice {
  readonly id: string
  readonly text: string
  readonly tone: 'info' | 'error'
  readonly undo?: () => void
}

/** Short messages at the edge of the page. */
export class Notices {
  readonly store: Store<{ readonly list: readonly Notice[] }> = new Store<{ readonly list: readonly Notice[] }>({
    list: [],
  })

  tell(text: string, more: { tone?: Notice['tone']; undo?: () => void } = {}): void {
    const notice: Notice = { id: newId(), text, tone: more.tone ?? 'info', ...(more.undo ? { undo: more.undo } : {}) }
    // The same twice says no more than once.
    this.store.set(({ list }) => ({ list: [...list.filter(n => n.text !== text).slice(-2), notice] }))
  }

  drop(id: string): void {
    this.store.set(({ list }) => ({ list: list.filter(notice => notice.id !== id) }))
  }
}
