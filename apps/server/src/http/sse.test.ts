import { Hono } from 'hono'
import { expect, it } from 'vitest'
import type { AppEnv } from './context.js'
import { eventStream, type ServerEvent } from './sse.js'

it('lets go of what it listens to when the client leaves, also where nobody asks for the next event', async () => {
  let [closed, left, told] = [0, 0, 0]
  async function* events(): AsyncGenerator<ServerEvent> {
    try {
      for (;;) yield { data: String(told++) }
    } finally {
      closed++
    }
  }
  const app = new Hono<AppEnv>().get('/', c => eventStream(c, events(), () => left++))
  const { body } = await app.request('/')
  const reader = body!.getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 0\n\n')
  // It is asked ahead as far as it goes, and then not at all.
  await new Promise(resolve => setImmediate(resolve))
  const before = told
  await reader.cancel()
  await expect.poll(() => [closed, left], { timeout: 30_000 }).toEqual([1, 1])
  expect(told).toBe(before)
})

it('says nothing more to a client that left before the first event', async () => {
  const stop = new AbortController()
  let closed = 0
  async function* events(): AsyncGenerator<ServerEvent> {
    try {
      stop.abort()
      yield { data: 'late' }
      yield { data: 'later' }
    } finally {
      closed++
    }
  }
  const app = new Hono<AppEnv>().get('/', c => eventStream(c, events(), () => {}))
  const response = await app.request('/', { signal: stop.signal })
  await expect(response.text()).resolves.toBe('')
  expect(closed).toBe(1)
})
