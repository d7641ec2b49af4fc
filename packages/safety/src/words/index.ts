export type { WordCategory } from './categories.js'
export { WordListChecker, type WordListOptions } from './checker.js'
export { embeddedWords } from './embedded-words.js'
