import { describe, expect, it } from 'vitest'
import { EventWriter } from './event-writer.js'
import type { JobStore } from './store.js'

/** A store that takes nothing while it is full. */
class FullStore {
  full = true
  refused = 0
  readonly told: string[] = []

  async emit(_internal: string, _attempt: number, _seq: number, type: string, data: Buffer): Promise<boolean> {
    await new Promise(resolve => setImmediate(resolve))
    if (this.full) {
      this.refused++
      throw new Error("OOM command not allowed when used memory > 'maxmemory'.")
    }
    this.told.push(`${type} ${data.toString('utf8')}`)
    return true
  }
}

const writerOf = (store: FullStore): EventWriter => new EventWriter(store as unknown as JobStore, 'j', 1, () => {})

/** Nobody waits for the writer: what rejects now ends the process. */
const later = async (store: FullStore, refused: number): Promise<void> => {
  while (store.refused < refused) await new Promise(resolve => setImmediate(resolve))
  for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve))
}

describe('what is told while the broker is full', () => {
  it('ends nobody, and no text is lost', async () => {
    const store = new FullStore()
    const writer = writerOf(store)
    writer.emit({ type: 'text', text: 'a ' })
    writer.emit({ type: 'progress', progress: { phase: 'decode', done: 1, unit: 'tokens' } })
    await later(store, 1)
    writer.emit({ type: 'text', text: 'red ' })
    await later(store, 2)
    store.full = false
    writer.emit({ type: 'text', text: 'cat' })
    await writer.flushed()
    const texts = store.told.filter(one => one.startsWith('text ')).map(one => one.slice(5))
    expect(texts.join('')).toBe('a red cat')
  })

  it('is written at last where there is room by then, else the attempt is told', async () => {
    const store = new FullStore()
    const writer = writerOf(store)
    writer.emit({ type: 'text', text: 'cat' })
    await later(store, 1)
    await expect(writer.flushed()).rejects.toThrow('OOM')
    store.full = false
    await writer.flushed()
    expect(store.told).toEqual(['text cat'])
  })

  it('is not told twice where it was written and only the answer was lost', async () => {
    const store = new FullStore()
    store.full = false
    const [told, taken] = [store.told, new Set<number>()]
    store.emit = async (_internal, _attempt, seq, _type, data) => {
      if (!taken.has(seq)) told.push(data.toString('utf8'))
      if (taken.size > 0) return !!taken.add(seq)
      taken.add(seq)
      store.refused++
      throw new Error('Connection is closed.')
    }
    const writer = writerOf(store)
    writer.emit({ type: 'text', text: 'a red ' })
    await later(store, 1)
    writer.emit({ type: 'text', text: 'cat' })
    await writer.flushed()
    expect(told).toEqual(['a red ', 'cat'])
  })

  it('is no reason to fail where it is progress only', async () => {
    const store = new FullStore()
    const writer = writerOf(store)
    writer.emit({ type: 'progress', progress: { phase: 'decode', done: 1, unit: 'tokens' } })
    await later(store, 1)
    await writer.flushed()
    expect(store.told).toEqual([])
  })
})
