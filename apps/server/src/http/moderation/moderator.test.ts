import { afterAll, expect, it } from 'vitest'
import { Moderator } from './moderator.js'

const moderator = new Moderator({ preset: 'strict' })
afterAll(() => moderator.dispose())

it('checks so many at once, and tells the others to come again', async () => {
  const ask = (text: string, signal = new AbortController().signal) => moderator.check({ text }, signal)
  const all = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => ask(`a cat ${i}`)))
  expect(all.filter(({ status }) => status === 'fulfilled').length).toBe(32)
  const refused = all.slice(32).map(one => (one as PromiseRejectedResult).reason)
  for (const reason of refused) expect(reason).toMatchObject({ code: 'QUEUE_FULL', retryAfter: 1 })
  const left = Array.from({ length: 32 }, () => ask('a dog', AbortSignal.abort(new Error('left'))))
  for (const one of await Promise.allSettled(left)) expect(one).toMatchObject({ reason: { message: 'left' } })
  // There is room again.
  expect((await ask('a red apple')).verdict).toMatchObject({ decision: 'allow' })
})
