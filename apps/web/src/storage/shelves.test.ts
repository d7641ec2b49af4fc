import { IDBFactory, IDBObjectStore } from 'fake-indexeddb'
import { openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Conversation, newConversation, newTurn } from '../chat/conversation.js'
import { openShelves, type Shelves, type StorageTrouble } from './shelves.js'

import 'fake-indexeddb/auto'

let told: StorageTrouble[]
const open: Shelves[] = []

function shelves(): Shelves {
  const made = openShelves(trouble => told.push(trouble))
  open.push(made)
  return made
}

beforeEach(() => {
  told = []
  vi.stubGlobal('indexedDB', new IDBFactory())
})
afterEach(() => {
  for (const made of open.splice(0)) made.close()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const conversation: Conversation = { ...newConversation(1), turns: [newTurn('What is it?', undefined)] }

describe('shelves', () => {
  it('keep what was put, until it is removed', async () => {
    await shelves().conversations.put(conversation)
    const later = shelves()
    expect(await later.conversations.all()).toEqual([conversation])
    await later.conversations.remove(conversation.id)
    expect(await later.conversations.all()).toEqual([])
    expect(told).toEqual([])
  })

  it('forget everything at once', async () => {
    const { conversations, gallery, clear } = shelves()
    await conversations.put(conversation)
    await gallery.put({
      id: '1',
      picture: new Blob(['1']),
      settings: { prompt: '', negativePrompt: '' },
      fromPicture: false,
      candidate: 0,
      at: 0,
    })
    expect(await gallery.all()).toHaveLength(1)
    await clear()
    expect(await conversations.all()).toEqual([])
    expect(await gallery.all()).toEqual([])
  })

  it('say that there is no room, and go on', async () => {
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    const { conversations } = shelves()
    await conversations.put(conversation)
    expect(told).toEqual(['quota'])
    expect(await conversations.all()).toEqual([])
  })

  it('say once that the browser keeps nothing', async () => {
    const none = new IDBFactory()
    vi.spyOn(none, 'open').mockImplementation(() => {
      throw new DOMException('A mutation operation was attempted', 'InvalidStateError')
    })
    vi.stubGlobal('indexedDB', none)
    const { conversations, gallery } = shelves()
    expect(await conversations.all()).toEqual([])
    await conversations.put(conversation)
    expect(await gallery.all()).toEqual([])
    expect(told).toEqual(['memory'])
  })

  it('tell other tabs what was put and removed, and not their own', async () => {
    const [here, there] = [shelves(), shelves()]
    const heard: unknown[] = []
    here.conversations.onElsewhere(() => heard.push('itself'))
    there.conversations.onElsewhere(change => heard.push(change))
    there.gallery.onElsewhere(change => heard.push(change))
    await here.conversations.put(conversation)
    await here.conversations.remove(conversation.id)
    await here.clear()
    const all = [{ put: conversation }, { removed: conversation.id }, { cleared: true }, { cleared: true }]
    await vi.waitFor(() => expect(heard).toEqual(all))
  })

  it('make way for a newer page', async () => {
    const { conversations } = shelves()
    await conversations.put(conversation)
    const newer = await openDB('viscpm', 2)
    expect(told).toEqual(['elsewhere'])
    newer.close()
  })
})
