import { expect, it } from 'vitest'
import { messagesOf } from '../messages/index.js'
import { rateLimit } from './rate-limit.js'

const t = messagesOf('en')
const read = (...given: string[]) =>
  given.reduce<ReturnType<typeof rateLimit> | undefined>((before, one) => rateLimit(one, before, t), undefined)

it('reads rates of all jobs and of kinds, in any order', () => {
  const [six, two] = [
    { perMinute: 6, burst: 6 },
    { perMinute: 120, burst: 2 },
  ]
  expect(read('6/min')).toEqual({ chat: six, paint: six })
  expect(read('paint=6/min')).toEqual({ paint: six })
  expect(read('6/min', 'chat=2/s')).toEqual({ chat: two, paint: six })
  expect(read('chat=2/s', '6/min')).toEqual({ chat: two, paint: six })
  expect(read('30/h')).toMatchObject({ chat: { perMinute: 0.5, burst: 30 } })
})

it('refuses what is no rate', () => {
  for (const wrong of ['', '6', '6/day', '0/min', '-1/min', '1.5/min', 'draw=6/min', '6 /min', '999999/s'])
    expect(() => read(wrong)).toThrow(/--rate-limit/)
})
