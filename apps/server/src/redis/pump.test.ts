import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { Mailbox } from './mailbox.js'
import { Pump } from './pump.js'

/** A connection whose reads are answered by the test. */
class Reads {
  readonly asked: { readonly keys: readonly unknown[]; readonly answer: (error?: Error) => void }[] = []

  xreadBuffer(...words: unknown[]): Promise<null> {
    return new Promise((resolve, reject) => {
      const keys = words.slice(5, 5 + (words.length - 5) / 2)
      this.asked.push({ keys, answer: error => (error ? reject(error) : resolve(null)) })
    })
  }

  disconnect(): void {}
}

describe('a pump', () => {
  it.each([0, 1, 2, 3, 4, 5])('reads for who comes %i steps after the last one has left', async steps => {
    const reads = new Reads()
    const pump = new Pump(reads as unknown as Redis)
    const leave = pump.follow('one', new Mailbox())
    leave()
    reads.asked[0]!.answer()
    for (let i = 0; i < steps; i++) await undefined
    pump.follow('two', new Mailbox())
    for (let i = 0; i < 20; i++) await undefined
    expect(reads.asked.at(-1)!.keys).toEqual(['two'])
    pump.close()
  })

  it('goes on after an error, whatever it is', async () => {
    const reads = new Reads()
    const pump = new Pump(reads as unknown as Redis)
    pump.follow('one', new Mailbox())
    reads.asked[0]!.answer(new Error('WRONGTYPE Operation against a key holding the wrong kind of value'))
    await expect.poll(() => reads.asked.length, { timeout: 30_000 }).toBe(2)
    pump.close()
  })
})
