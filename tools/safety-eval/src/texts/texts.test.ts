import { embeddedWords } from '@viscpm/safety'
import { describe, expect, it } from 'vitest'
import { plainMatch } from '../evasion/plain-match.js'
import { evenly, languages } from '../sample.js'
import { harmfulTexts, inSentences } from './harmful.js'
import { allTexts } from './index.js'

const groups = await allTexts()
const count = (harmful: boolean, language?: string) =>
  groups
    .filter(group => group.harmful === harmful && (language === undefined || group.language === language))
    .reduce((sum, group) => sum + group.texts.length, 0)

describe('the texts', () => {
  it('are enough: 2,000 harmless ones and 500 harmful ones, in both languages', () => {
    for (const language of languages) {
      expect(count(false, language)).toBeGreaterThan(2_000)
      expect(count(true, language)).toBeGreaterThan(500)
    }
  })

  it('are the same in every run', async () => {
    expect(await allTexts()).toEqual(groups)
  })

  it('stand once in their group, and are not empty', () => {
    for (const { texts, name } of groups) {
      expect(texts.length, name).toBeGreaterThan(0)
      expect(new Set(texts).size, name).toBe(texts.length)
      expect(texts.every(text => text.trim() !== '')).toBe(true)
      if (/embedded world/.test(name)) expect(texts.filter(text => text.includes('undefined'))).toEqual([])
    }
  })

  it('are harmless or harmful, not both', () => {
    const harmless = new Set(groups.filter(group => !group.harmful).flatMap(group => group.texts))
    const harmful = groups.filter(group => group.harmful).flatMap(group => group.texts)
    expect(harmful.filter(text => harmless.has(text))).toEqual([])
  })

  it('that this tool makes or wrote as harmless hold no word of the list', () => {
    const matches = plainMatch()
    const made = groups.filter(group => /embedded world|everyday/.test(group.name))
    expect(made.length).toBe(6)
    expect(made.flatMap(group => group.texts).filter(matches)).toEqual([])
  })

  it('of the embedded world are well formed', () => {
    const [english, chinese] = languages.map(
      language => groups.find(group => group.name.startsWith('prompts') && group.language === language)!.texts,
    )
    expect(english).toContain('a dog')
    expect(chinese).toContain('一条狗')
    for (const text of english!.filter(text => text.includes('background')))
      expect(text).toMatch(
        /^(an? )?(red|orange|yellow|green|blue|purple|pink|brown|black|white|grey) .+ on a \w+ background$/,
      )
  })
})

describe('harmful words', () => {
  it('stand in sentences that take turns', () => {
    expect(inSentences(['x$&', 'y'], 'en')).toEqual(['x$&', 'a picture of y'])
  })

  it('of another list are told apart from those of the own', async () => {
    const own = embeddedWords.zh.drugs[0]!
    const text = `# a remark\n${own}\n外星词\r\n\n外星词\n`
    const found = await harmfulTexts([{ language: 'zh', name: 'mine.txt', text }])
    const named = (name: string) => found.find(group => group.name === name)?.texts
    expect(named('mine.txt, all')).toEqual([own, '画一张外星词的图片'])
    expect(named('mine.txt, without what the own list has')).toEqual(['外星词'])
  })
})

describe('evenly', () => {
  it('takes some of all', () => {
    expect(evenly([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toEqual([0, 3, 6])
    expect(evenly([0, 1], 3)).toEqual([0, 1])
  })
})
