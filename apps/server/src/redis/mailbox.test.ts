import { describe, expect, it } from 'vitest'
import { Mailbox, type Told } from './mailbox.js'

const entry = (type: string, data: string = '') => ({ type, data: Buffer.from(data) })
const texts = (told: readonly Told[]) => told.flatMap(event => (event.type === 'text' ? [event.text] : []))
const types = (told: readonly Told[]) => told.map(({ type }) => type)

describe('a mailbox', () => {
  it('joins text and keeps only the latest of all else', () => {
    const box = new Mailbox()
    box.put(entry('started'))
    for (let i = 0; i < 1000; i++) {
      box.put(entry('text', `${i} `))
      box.put(entry('progress', JSON.stringify({ phase: 'decode', done: i })))
      box.put(entry('preview'))
    }
    const told = box.take()
    expect(types(told)).toEqual(['started', 'progress', 'text', 'preview'])
    expect(told[1]).toEqual({ type: 'progress', progress: { phase: 'decode', done: 999 } })
    expect(texts(told)[0]!.split(' ')).toHaveLength(1001)
    expect(box.take()).toEqual([])
  })

  it('does not tell again what a further attempt says the same', () => {
    const box = new Mailbox()
    box.put(entry('started'))
    box.put(entry('text', 'a cat on'))
    expect(types(box.take())).toEqual(['started', 'text'])
    box.put(entry('started'))
    expect(box.take()).toEqual([])
    box.put(entry('text', 'a cat'))
    expect(box.take()).toEqual([])
    box.put(entry('text', ' on a mat'))
    expect(texts(box.take())).toEqual([' a mat'])
    box.put(entry('end', 'succeeded'))
    expect(box.take()).toEqual([])
    expect(box.ended).toBe('succeeded')
  })

  it('begins anew where a further attempt says something else', () => {
    const box = new Mailbox()
    box.put(entry('started'))
    box.put(entry('text', 'a cat'))
    box.take()
    box.put(entry('started'))
    box.put(entry('text', 'a dog'))
    expect(box.take()).toEqual([{ type: 'started' }, { type: 'text', text: 'a dog' }])
    // Or less than before, which only its end can tell.
    box.put(entry('started'))
    box.put(entry('text', 'a d'))
    expect(box.take()).toEqual([])
    box.put(entry('end', 'succeeded'))
    expect(box.take()).toEqual([{ type: 'started' }, { type: 'text', text: 'a d' }])
  })

  it('wakes its reader for what came before it waited, while it waits, and with the signal', async () => {
    const box = new Mailbox()
    box.put(entry('started'))
    await box.changed(2 ** 30)
    const waiting = box.changed(2 ** 30)
    box.put(entry('text', 'x'))
    await waiting
    await box.changed(1)
    const controller = new AbortController()
    const stopped = box.changed(2 ** 30, controller.signal)
    controller.abort()
    await stopped
    await box.changed(2 ** 30, controller.signal)
  })

  it('may begin empty after an attempt that said something', () => {
    const box = new Mailbox()
    box.put(entry('started'))
    box.put(entry('text', 'x'))
    box.take()
    box.put(entry('started'))
    box.put(entry('end', 'failed'))
    expect(box.take()).toEqual([])
  })
})
