import { describe, expect, it } from 'vitest'
import { type Language, langOfText, messages, preferredLanguage } from './index.js'

/** Every text of a language, by its path; functions are called with examples. */
function texts(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value === 'function') return [[path, String(value(...exampleFor(path)))]]
  return Object.entries(value as object).flatMap(([name, inner]) => texts(inner, path ? `${path}.${name}` : name))
}

/** Arguments: numbers, but texts where texts are put in. */
function exampleFor(path: string): unknown[] {
  if (/seconds$|waiting|step$|pictureOf|preview|candidate$|show$|errors\.wait|someBlocked/.test(path)) return [2, 3]
  if (/finished/.test(path)) return [2, '3 s']
  if (/took/.test(path)) return ['3 s', 2]
  return ['猫', '猫']
}

describe('messages', () => {
  it('are there in both languages', () => {
    expect(texts(messages.zh).map(([path]) => path)).toEqual(texts(messages.en).map(([path]) => path))
    for (const language of ['en', 'zh'] as Language[]) {
      for (const [path, text] of texts(messages[language])) expect(text.trim(), `${language} ${path}`).not.toBe('')
    }
  })

  it('are in their own language', () => {
    // Names, and the button that leads to the other language.
    const names = /^(title|switchLanguage|switchLanguageLabel|chat\.model)$/
    for (const [path, text] of texts(messages.zh)) {
      if (!names.test(path)) expect(text, `zh ${path}`).toMatch(/\p{Script=Han}/u)
    }
    for (const [path, text] of texts(messages.en)) {
      if (!names.test(path)) expect(text.replaceAll('猫', ''), `en ${path}`).not.toMatch(/\p{Script=Han}/u)
    }
  })

  it('tell what is said of one and of many apart', () => {
    expect(messages.en.paint.waiting(1)).not.toBe(messages.en.paint.waiting(2).replace('2', '1'))
  })
})

describe('languages', () => {
  it.each([
    [['zh-CN', 'en'], 'zh'],
    [['de', 'zh-Hant-TW', 'en'], 'zh'],
    [['en-GB', 'zh'], 'en'],
    [['fr', 'de'], 'en'],
    [[], 'en'],
  ] as const)('%j: %s', (tags, expected) => expect(preferredLanguage(tags)).toBe(expected))

  it('knows what is written', () => {
    expect(langOfText('一只 cat')).toBe('zh-CN')
    expect(langOfText('a cat')).toBe('en')
    expect(langOfText('42')).toBeUndefined()
  })
})
