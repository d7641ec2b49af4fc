import { createContext, useContext } from 'react'
import { ChatService } from '../chat/service.js'
import { places } from '../engine/choose.js'
import type { EngineError } from '../engine/errors.js'
import { messages, preferredLanguage } from '../i18n/index.js'
import { PaintService } from '../paint/service.js'
import { type Preferences, preferences, storageOf } from '../storage/preferences.js'
import { openShelves, type Shelves, type StorageTrouble } from '../storage/shelves.js'
import { Store } from '../store/store.js'
import { EngineService } from './engine-service.js'
import { Notices } from './notices.js'

/** All of the page but what is seen. */
export interface Model {
  readonly preferences: Store<Preferences>
  readonly notices: Notices
  readonly engine: EngineService
  readonly chat: ChatService
  readonly paint: PaintService
  readonly shelves: Shelves
  readonly trouble: Store<{ readonly trouble: StorageTrouble | undefined }>
}

export function createModel(): Model {
  const chosen = preferences(storageOf('localStorage'))
  const trouble = new Store<{ readonly trouble: StorageTrouble | undefined }>({ trouble: undefined })
  const shelves = openShelves(what => trouble.set({ trouble: what }))
  const wanted = chosen.state.place ?? 'server'
  const place = places.includes(wanted) ? wanted : 'server'
  const engine = new EngineService({ place, session: storageOf('sessionStorage') })
  const chat = new ChatService(engine, shelves.conversations, () => chosen.state.decoding)
  const paint = new PaintService(engine, shelves.gallery, chosen.state.form)
  paint.store.subscribe(() => {
    const { form } = paint.store.state
    if (form !== chosen.state.form) chosen.set({ form })
  })
  return { preferences: chosen, notices: new Notices(), engine, chat, paint, shelves, trouble }
}

/** Reads what was kept, and looks who is there: in the browser itself where there is no server and nobody chose. */
export async function start(model: Model): Promise<void> {
  const { engine, preferences: chosen, notices } = model
  await Promise.all([model.chat.load(), model.paint.load(), engine.connect()])
  const { status, error } = engine.store.state
  if (status !== 'away' || chosen.state.place !== undefined || !places.includes('browser')) return
  if (error === undefined || !isNobody(error)) return
  await engine.use('browser')
  notices.tell(messages[languageOf(chosen.state)].place.alone)
}

/** Whether there is no server at all: nobody answers, or somebody who only has files. */
export function isNobody({ code, status }: Pick<EngineError, 'code' | 'status'>): boolean {
  return code === 'away' || code === 'broken' || status === 404
}

export function languageOf({ language }: Preferences): keyof typeof messages {
  return language === 'system' ? preferredLanguage(navigator.languages) : language
}

export const ModelContext: React.Context<Model | undefined> = createContext<Model | undefined>(undefined)

export function useModel(): Model {
  const model = useContext(ModelContext)
  if (model === undefined) throw new Error('There is no model around this component.')
  return model
}
