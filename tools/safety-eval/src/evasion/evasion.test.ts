import { WordListChecker } from '@viscpm/safety'
import { describe, expect, it } from 'vitest'
import { languages } from '../sample.js'
import { chineseBases, chineseDisguises } from './chinese.js'
import { disguisedTexts } from './disguise.js'
import { englishBases, englishDisguises } from './english.js'
import { plainMatch } from './plain-match.js'

const all = disguisedTexts()
const hidden = (language: string) => all.filter(d => d.language === language).slice(1)
const total = (list: readonly { texts: readonly string[] }[]) => list.reduce((sum, d) => sum + d.texts.length, 0)

describe('disguises', () => {
  it('are 300, at least 150 of them English and 100 Chinese', () => {
    expect(total(hidden('en'))).toBeGreaterThanOrEqual(150)
    expect(total(hidden('zh'))).toBeGreaterThanOrEqual(100)
    expect(total([...hidden('en'), ...hidden('zh')])).toBeGreaterThanOrEqual(300)
  })

  it('change the word, each in its own way', () => {
    for (const [words, disguises] of [
      [englishBases, englishDisguises],
      [chineseBases, chineseDisguises],
    ] as const)
      for (const word of words) {
        const forms = disguises.map(({ hide }) => hide(word))
        expect(forms[0]).toBe(word)
        expect(forms.every(form => form !== '' && !form.includes('undefined'))).toBe(true)
      }
    for (const { kind, texts } of all) expect(new Set(texts).size, kind).toBe(texts.length)
    for (const { kind, texts } of all) expect(texts.length, kind).toBeGreaterThanOrEqual(10)
  })

  it.each([
    ['full-width letters', 'porn', 'ｐｏｒｎ'],
    ['styled letters', 'porn', '𝐩𝐨𝐫𝐧'],
    ['cut in two', 'porn', 'po rn'],
    ['stars', 'porn', 'p*rn'],
    ['digits (leetspeak)', 'shit', '5h1t'],
    ['two letters swapped', 'porn', 'pron'],
    ['a letter left out', 'penis', 'peis'],
  ])('%s: %s', (kind, word, expected) => {
    expect(englishDisguises.find(d => d.kind === kind)?.hide(word)).toBe(expected)
  })

  it('are of words that the list has and that are found as they are', async () => {
    const checker = new WordListChecker()
    const matches = plainMatch()
    for (const language of languages)
      for (const text of all.find(d => d.language === language)!.texts) {
        expect(matches(text), text).toBe(true)
        expect((await checker.check(text)).decision, text).toBe('block')
      }
  })
})

describe('plain match', () => {
  it('reads English words whole, Chinese ones anywhere, and nothing else', () => {
    const matches = plainMatch()
    expect(['a PORN film', 'xxxpornxxx', '看色情片'].map(matches)).toEqual([true, true, true])
    expect(['Scunthorpe', 'p0rn', 'sextant', '色 情'].map(matches).slice(1)).toEqual([false, false, false])
  })
})
