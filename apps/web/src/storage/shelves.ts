import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { type Change, Tabs, type Things } from './tabs.js'

/** Why something is not kept. */
export type StorageTrouble = 'quota' | 'memory' | 'failed' | 'elsewhere'

interface Kept extends DBSchema {
  conversations: { key: string; value: Things['conversations'] }
  gallery: { key: string; value: Things['gallery'] }
}

/** What is kept of one kind. Never rejects: the page goes on with what it has in memory, and `onTrouble` is told. */
export interface Shelf<T> {
  all(): Promise<readonly T[]>
  put(value: T): Promise<void>
  remove(id: string): Promise<void>
  /** Tells what other tabs of the page put and removed; to the last one who asked. */
  onElsewhere(listener: (change: Change<T>) => void): void
}

export interface Shelves {
  readonly conversations: Shelf<Things['conversations']>
  readonly gallery: Shelf<Things['gallery']>
  clear(): Promise<void>
  close(): void
}

/** Opens the database of the page. @param onTrouble told whenever something cannot be kept or read */
export function openShelves(onTrouble: (trouble: StorageTrouble) => void): Shelves {
  // A browser without a database is told once, here; without one nothing is tried any more.
  const opened: Promise<IDBPDatabase<Kept> | undefined> = open(onTrouble).catch(() => {
    onTrouble('memory')
    return undefined
  })
  const attempt = async <T>(task: (db: IDBPDatabase<Kept>) => Promise<T>, otherwise: T): Promise<T> => {
    const db = await opened
    if (db === undefined) return otherwise
    try {
      return await task(db)
    } catch (error) {
      onTrouble(troubleOf(error))
      return otherwise
    }
  }
  const tabs = new Tabs()
  const shelf = <K extends keyof Things>(name: K): Shelf<Things[K]> => ({
    all: () => attempt(async db => (await db.getAll(name)) as Things[K][], [] as Things[K][]),
    put: async value => {
      await attempt(async db => void (await db.put(name, value)), undefined)
      tabs.tell(name, { put: value })
    },
    remove: async id => {
      await attempt(db => db.delete(name, id), undefined)
      tabs.tell(name, { removed: id })
    },
    onElsewhere: listener => tabs.listen(name, listener),
  })
  return {
    conversations: shelf('conversations'),
    gallery: shelf('gallery'),
    clear: async () => {
      await attempt(async db => void (await Promise.all([db.clear('conversations'), db.clear('gallery')])), undefined)
      for (const name of ['conversations', 'gallery'] as const) tabs.tell(name, { cleared: true })
    },
    close: () => {
      tabs.close()
      void opened.then(db => db?.close())
    },
  }
}

/** Async, as some browsers throw at once. */
async function open(onTrouble: (trouble: StorageTrouble) => void): Promise<IDBPDatabase<Kept>> {
  return await openDB<Kept>('viscpm', 1, {
    upgrade(db) {
      db.createObjectStore('conversations', { keyPath: 'id' })
      db.createObjectStore('gallery', { keyPath: 'id' })
    },
    // A newer page in another tab wants to change the shape: let it, and say so here.
    blocking: (_current, _blocked, event) => {
      ;(event.target as IDBDatabase).close()
      onTrouble('elsewhere')
    },
    terminated: () => onTrouble('failed'),
  })
}

function troubleOf(error: unknown): StorageTrouble {
  const name = error instanceof Error || error instanceof DOMException ? error.name : ''
  if (name === 'QuotaExceededError') return 'quota'
  // The connection was closed for a newer page: that was told.
  return name === 'InvalidStateError' ? 'elsewhere' : 'failed'
}
