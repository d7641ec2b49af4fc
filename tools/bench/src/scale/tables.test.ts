import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { figuresOf } from './figures.js'
import { assumptions, planFor, serviceTimes } from './plan.js'
import { withScalingTables } from './tables.js'

const docs = (name: string): string => readFileSync(new URL(`../../../../docs/${name}.md`, import.meta.url), 'utf8')
const figures = figuresOf(docs('performance'))

describe('the page about scaling', () => {
  it('shows what follows from the figures; pnpm bench scale --tables docs/scaling.md writes it', () => {
    const page = docs('scaling')
    expect(withScalingTables(page, figures)).toBe(page)
    expect(page.match(/^\| [\d,]+ \| chat/gm)).toHaveLength(3)
  })

  it('says where a table has no place, or a figure is missing', () => {
    expect(() => withScalingTables('nothing', figures)).toThrow('no place')
    expect(() => figuresOf('nothing')).toThrow('no table')
    const without = docs('performance').replace('| first sight of a picture |', '| something else |')
    expect(() => figuresOf(without)).toThrow('first sight')
  })
})

describe('a plan', () => {
  it('takes its figures from the table of the published sizes', () => {
    expect(figures.cores).toBeGreaterThanOrEqual(1)
    for (const seconds of [figures.sight, figures.firstToken, figures.readPrompt, figures.pictureFast]) {
      expect(seconds).toBeGreaterThan(0.01)
      expect(seconds).toBeLessThan(600)
    }
    // Milliseconds in the table, seconds here.
    expect(figures.token.greedy).toBeLessThan(5)
    expect(figures.token.beam).toBeGreaterThan(figures.token.greedy)
    const { beam, greedy } = serviceTimes(figures, assumptions)
    expect(beam - greedy).toBeCloseTo(assumptions.answer * (figures.token.beam - figures.token.greedy), 9)
  })

  it('grows with the users, less than they do where there are few', () => {
    const [few, some, many] = [10, 1000, 100_000].map(users => planFor(users, figures))
    expect(many!.chat.load).toBeCloseTo(100 * some!.chat.load, 6)
    expect(many!.chat.workers).toBeLessThan(100 * some!.chat.workers)
    expect(some!.chat.workers).toBeLessThan(100 * few!.chat.workers)
    for (const { chat, paint } of [few!, some!, many!])
      for (const fleet of [chat, paint]) {
        expect(fleet.workers).toBeGreaterThan(fleet.load)
        expect(fleet.costFollowing).toBeLessThanOrEqual(fleet.cost)
      }
  })
})
