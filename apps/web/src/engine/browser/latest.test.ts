import { expect, it } from 'vitest'
import { Latest } from './latest.js'

it('passes on the newest value, and the last one', async () => {
  const latest = new Latest<{ n: number }>()
  const seen: number[] = []
  const reading = (async () => {
    for await (const { n } of latest) seen.push(n)
  })()
  for (const n of [1, 2, 3]) latest.put({ n })
  await new Promise(resolve => setTimeout(resolve, 0))
  expect(seen).toEqual([3])
  latest.put({ n: 4 })
  latest.end()
  await reading
  expect(seen).toEqual([3, 4])
})

it('ends when nothing ever came', async () => {
  const latest = new Latest<object>()
  latest.end()
  for await (const value of latest) throw new Error(String(value))
})
