import type { Language } from '../sample.js'
import { chineseBases, chineseDisguises } from './chinese.js'
import { englishBases, englishDisguises } from './english.js'

/** One way of hiding a word from a word list. */
export interface Disguise {
  readonly kind: string
  hide(word: string): string
}

export interface DisguisedTexts {
  readonly language: Language
  readonly kind: string
  readonly texts: readonly string[]
}

const sentence: Readonly<Record<Language, string>> = { en: 'a picture of {w}, in colour', zh: '一张{w}的图片' }

/** Every word in every disguise that changes it, in a sentence. The first kind of each language is the word as it is. */
export function disguisedTexts(): DisguisedTexts[] {
  const of = (language: Language, words: readonly string[], disguises: readonly Disguise[]): DisguisedTexts[] =>
    disguises.map(({ kind, hide }, i) => {
      const hidden = words.map(word => [word, hide(word)] as const).filter(([word, to]) => i === 0 || to !== word)
      return { language, kind, texts: hidden.map(([, to]) => sentence[language].replace('{w}', () => to)) }
    })
  return [...of('en', englishBases, englishDisguises), ...of('zh', chineseBases, chineseDisguises)]
}
