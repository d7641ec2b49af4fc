import type { Place } from '../engine/choose.js'
import type { ChatRequest } from '../engine/types.js'
import type { Language } from '../i18n/index.js'
import { defaultForm, type PaintForm, parseForm } from '../paint/form.js'
import { Store } from '../store/store.js'

export interface Preferences {
  readonly language: Language | 'system'
  readonly theme: 'system' | 'light' | 'dark'
  /** Undefined until somebody chooses. */
  readonly place: Place | undefined
  readonly decoding: ChatRequest['decoding']
  readonly form: PaintForm
}

const name = 'viscpm.preferences'

/** What was chosen, kept in localStorage where there is one. */
export function preferences(storage: Pick<Storage, 'getItem' | 'setItem'> | undefined): Store<Preferences> {
  const store = new Store<Preferences>(parsePreferences(read(storage)))
  store.subscribe(() => {
    try {
      storage?.setItem(name, JSON.stringify(store.state))
    } catch {
      // Full, or private: the choice holds until the tab is closed.
    }
  })
  return store
}

function read(storage: Pick<Storage, 'getItem'> | undefined): unknown {
  try {
    return JSON.parse(storage?.getItem(name) ?? '{}')
  } catch {
    return {}
  }
}

/** Of an older version of the page, or of anybody's making: what is not as expected is the default. */
export function parsePreferences(kept: unknown): Preferences {
  const given = (typeof kept === 'object' && kept !== null ? kept : {}) as Record<string, unknown>
  return {
    language: oneOf(given.language, ['en', 'zh'], 'system'),
    theme: oneOf(given.theme, ['light', 'dark'], 'system'),
    place: oneOf<Place, undefined>(given.place, ['server', 'browser'], undefined),
    decoding: oneOf(given.decoding, ['beam', 'sample'], 'greedy'),
    form: parseForm(given.form) ?? defaultForm,
  }
}

function oneOf<T extends string, D>(value: unknown, known: readonly T[], otherwise: D): T | D {
  return known.find(k => k === value) ?? otherwise
}

/** A storage that the browser has and lets the page use. */
export function storageOf(kind: 'localStorage' | 'sessionStorage'): Storage | undefined {
  try {
    return globalThis[kind]
  } catch {
    return undefined
  }
}
