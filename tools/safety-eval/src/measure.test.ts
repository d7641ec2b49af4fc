import type { PromptChecker, Verdict } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { measureLatency, textOfLength } from './latency.js'
import { measureEvasion, measureGroup } from './measure.js'

const says = (decide: (text: string) => Verdict['decision']): PromptChecker => ({
  name: 'fake',
  check: async text => ({ decision: decide(text), checker: 'fake' }),
})
const checker = says(text => (text.includes('bad') ? 'block' : text.includes('odd') ? 'unknown' : 'allow'))
const texts = ['bad 1', 'good 1', 'odd 1', 'good 2', 'bad 2', 'good 3']

describe('measuring a group', () => {
  it('counts harmless texts that are blocked', async () => {
    const group = { name: 'g', language: 'en', harmful: false, texts } as const
    const result = await measureGroup(checker, group)
    expect(result).toMatchObject({ checker: 'fake', group: 'g', count: 6, wrong: 2, unknown: 1, rate: 2 / 6 })
    expect(result.wrongTexts).toEqual(['bad 1', 'bad 2'])
  })

  it('counts harmful texts that pass', async () => {
    const result = await measureGroup(checker, { name: 'g', language: 'zh', harmful: true, texts })
    expect(result).toMatchObject({ count: 6, wrong: 3, unknown: 1, rate: 0.5 })
    expect(result.wrongTexts).toEqual(['good 1', 'good 2', 'good 3'])
  })

  it('counts disguised words that are found', async () => {
    const result = await measureEvasion(checker, { language: 'en', kind: 'k', texts })
    expect(result).toMatchObject({ kind: 'k', count: 6, found: 2, rate: 2 / 6 })
    expect(result.missedTexts).toHaveLength(4)
  })

  it('stops when aborted', async () => {
    const abort = new AbortController()
    let checked = 0
    const stopping = says(() => {
      if (++checked === 5) abort.abort(new Error('enough'))
      return 'allow'
    })
    const many = Array.from({ length: 1000 }, (_, i) => String(i))
    const group = { name: 'g', language: 'en', harmful: false, texts: many } as const
    await expect(measureGroup(stopping, group, abort.signal)).rejects.toThrow('enough')
    expect(checked).toBe(5)
  })
})

describe('latency', () => {
  it('is measured on texts of the length, each beginning elsewhere', () => {
    expect(textOfLength(['one', 'two'], 10, 0)).toBe('one two on')
    expect(textOfLength(['one', 'two'], 10, 1)).toBe('two one tw')
  })

  it('takes as many checks as fit, five at least', async () => {
    const lengths: number[] = []
    const slow = says(text => {
      lengths.push(text.length)
      const end = performance.now() + 2
      while (performance.now() < end);
      return 'allow'
    })
    const result = await measureLatency(slow, 'en', ['a b c'], 100, { budgetMs: 1 })
    expect(result).toMatchObject({ checker: 'fake', language: 'en', characters: 100, runs: 5 })
    expect(result.median).toBeGreaterThanOrEqual(2)
    expect(result.p95).toBeGreaterThanOrEqual(result.median)
    expect(new Set(lengths)).toEqual(new Set([100]))
  })
})
