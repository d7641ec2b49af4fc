import type { WordCategory } from './categories.js'
import { chineseWords } from './words-chinese.js'
import { englishWords } from './words-english.js'

/** The embedded list itself, by language and category: to be read, measured, or taken apart for a list of one's own. */
export const embeddedWords: Readonly<Record<'en' | 'zh', Readonly<Record<WordCategory, readonly string[]>>>> = {
  en: englishWords,
  zh: chineseWords,
}
