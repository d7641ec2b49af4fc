import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairLine } from './fair-line.js'

interface One {
  readonly owner: string
  readonly priority: number
  readonly n: number
}

const fill = (line: FairLine<One>, ...all: string[]): One[] =>
  all.map((text, n) => {
    const one = { owner: text[0]!, priority: Number(text[1]), n }
    line.push(one)
    return one
  })

const drained = (line: FairLine<One>): string => {
  let order = ''
  for (let one = line.shift(); one; one = line.shift()) order += `${one.owner}${one.n} `
  return order.trim()
}

describe('the waiting line', () => {
  it('takes owners in turn, and each one’s own in order', () => {
    const line = new FairLine<One>()
    fill(line, 'a0', 'a0', 'a0', 'b0', 'c0', 'b0')
    expect(drained(line)).toBe('a0 b3 c4 a1 b5 a2')
  })

  it('takes lower priorities first', () => {
    const line = new FairLine<One>()
    fill(line, 'a5', 'a1', 'b5', 'b0')
    expect(drained(line)).toBe('b3 a1 a0 b2')
  })

  it('says for each how many come before it, whatever came, left and was taken', () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(0, 1)) },
      { weight: 1, arbitrary: fc.constant('take' as const) },
      { weight: 1, arbitrary: fc.nat(20) },
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), actions => {
        const line = new FairLine<One>()
        let waiting: One[] = []
        for (const [n, what] of actions.entries())
          if (what === 'take') {
            const taken = line.shift()
            waiting = waiting.filter(one => one !== taken)
          } else if (typeof what === 'number') {
            const left = waiting[what]
            if (left) expect(line.remove(left)).toBe(true)
            waiting = waiting.filter(one => one !== left)
          } else {
            const one = { owner: what[0], priority: what[1], n }
            line.push(one)
            waiting.push(one)
          }
        expect(line.length).toBe(waiting.length)
        const said = new Map(waiting.map(one => [one, line.position(one)]))
        for (let before = 0; before < waiting.length; before++) expect(said.get(line.shift()!)).toBe(before)
        expect(line.shift()).toBeUndefined()
      }),
    )
  })
})
