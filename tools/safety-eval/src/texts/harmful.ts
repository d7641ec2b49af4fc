import { embeddedWords } from '@viscpm/safety'
import googleList from 'badwords-list'
import profaneWords from 'profane-words'
import { dataLines, linesOf } from '../data.js'
import { type Language, languages, type TextGroup } from '../sample.js'

const templates: Readonly<Record<Language, readonly string[]>> = {
  en: [
    '{w}',
    'a picture of {w}',
    'draw {w} for me, please',
    'tell me something about {w}',
    'oil painting: {w}, bright',
  ],
  zh: ['{w}', '画一张{w}的图片', '请给我讲讲{w}', '{w}，油画，高清', '我想看{w}。'],
}

/** Each word once, the sentences taking turns: texts that do not depend on one another. */
export function inSentences(words: readonly string[], language: Language): string[] {
  const sentences = templates[language]
  return words.map((word, i) => sentences[i % sentences.length]!.replace('{w}', () => word))
}

const plain = (word: string): string => word.replace(/^\*|\*$/g, '')

/** The words of the checker itself, without the marks that let them match inside others. */
export function ownWords(language: Language): string[] {
  return [...new Set(Object.values(embeddedWords[language]).flat().map(plain))]
}

/** A list given by the user, one word a line; `#` begins a remark. */
export interface WordFile {
  readonly language: Language
  readonly name: string
  readonly text: string
}

/** Harmful words in sentences: the checker's own list, which says that the machinery works, and others' lists. */
export async function harmfulTexts(files: readonly WordFile[] = []): Promise<TextGroup[]> {
  const lists: { name: string; language: Language; words: readonly string[] }[] = [
    { name: 'badwords-list', language: 'en', words: googleList.array },
    { name: 'profane-words', language: 'en', words: profaneWords },
    { name: 'CC-CEDICT', language: 'zh', words: await dataLines('cc-cedict-harmful.zh.txt') },
    ...files.map(({ name, language, text }) => ({
      name,
      language,
      words: linesOf(text).filter(line => !line.startsWith('#')),
    })),
  ]
  const group = (name: string, language: Language, words: readonly string[]): TextGroup => {
    const texts = inSentences([...new Set(words.map(word => word.toLowerCase()))], language)
    return { name, language, harmful: true, texts }
  }
  return [
    ...languages.map(language => group('own list', language, ownWords(language))),
    ...lists.flatMap(({ name, language, words }) => {
      const own = new Set(ownWords(language).map(word => word.toLowerCase()))
      const others = words.filter(word => !own.has(word.toLowerCase()))
      return [group(`${name}, all`, language, words), group(`${name}, without what the own list has`, language, others)]
    }),
  ]
}
