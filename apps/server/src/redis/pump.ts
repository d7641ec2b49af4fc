import type { Redis } from 'ioredis'
import type { Mailbox } from './mailbox.js'

interface Reader {
  readonly key: string
  readonly mailbox: Mailbox
  /** Id of the last entry that was read. */
  last: string
}

/** Milliseconds that a new reader waits at most until it is read for together with the others. */
const block = 20
const atOnce = 500

/** Reads the streams of all jobs that somebody in this process watches, over one connection that waits. */
export class Pump {
  readonly #readers = new Set<Reader>()
  #running = false
  #closed = false

  /** @param redis a connection of its own */
  constructor(private readonly redis: Redis) {}

  /** Puts all of a stream into a mailbox, from its beginning. @returns what stops it */
  follow(key: string, mailbox: Mailbox): () => void {
    const reader: Reader = { key, mailbox, last: '0' }
    this.#readers.add(reader)
    if (!this.#running) {
      this.#running = true
      void this.#read()
    }
    return () => void this.#readers.delete(reader)
  }

  /** Never rejects. */
  async #read(): Promise<void> {
    while (!this.#closed && this.#readers.size > 0) {
      const readers = [...this.#readers]
      const [keys, ids] = [readers.map(({ key }) => key), readers.map(({ last }) => last)]
      try {
        const found = await this.redis.xreadBuffer('COUNT', atOnce, 'BLOCK', block, 'STREAMS', ...keys, ...ids)
        if (found) this.#deliver(readers, found as readonly StreamRead[])
      } catch {
        // The connection comes back by itself; entries wait in Redis.
        if (this.#closed) return
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    }
    // In this very step: who comes a moment later must be read for too.
    this.#running = false
  }

  #deliver(readers: readonly Reader[], found: readonly StreamRead[]): void {
    for (const [name, entries] of found) {
      const key = name.toString('utf8')
      for (const reader of readers) {
        if (reader.key !== key) continue
        for (const [id, fields] of entries) {
          const at = id.toString('utf8')
          // Two readers of one job may be at different places.
          if (!after(at, reader.last)) continue
          reader.last = at
          reader.mailbox.put({ type: fields[1]!.toString('utf8'), data: fields[3]! })
        }
      }
    }
  }

  /** Readers are woken: they see that the queue is closed. */
  close(): void {
    this.#closed = true
    this.redis.disconnect()
    for (const { mailbox } of this.#readers) mailbox.poke()
  }

  get closed(): boolean {
    return this.#closed
  }

  get readers(): number {
    return this.#readers.size
  }
}

/** As ioredis gives it: name of the stream, then ids with fields and values in turns. */
type StreamRead = readonly [Buffer, readonly (readonly [Buffer, readonly Buffer[]])[]]

/** Whether an id of a stream is behind another: milliseconds, then a number. */
function after(id: string, other: string): boolean {
  const [ms = 0, n = 0] = id.split('-').map(Number)
  const [otherMs = 0, otherN = 0] = other.split('-').map(Number)
  return ms > otherMs || (ms === otherMs && n > otherN)
}
