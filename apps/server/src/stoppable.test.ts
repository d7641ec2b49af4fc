import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { stoppable } from './stoppable.js'

it('is what the promise is, or the reason why nobody waits for it any more', async () => {
  const stop = new AbortController()
  expect(await stoppable(Promise.resolve(1), stop.signal)).toBe(1)
  const never = stoppable(new Promise(() => {}), stop.signal)
  const told = expect(never).rejects.toThrow('enough')
  stop.abort(new Error('enough'))
  await told
  // What fails when nobody waits any more is nobody's.
  await expect(stoppable(Promise.reject(new Error('late')), stop.signal)).rejects.toThrow('enough')
  expect(getEventListeners(stop.signal, 'abort')).toEqual([])
})
