import { InvalidArgumentError, type PromptChecker, type Verdict } from '@viscpm/core'
import { inputHash } from '../audit/line.js'
import { type WordCategory, wordCategories } from './categories.js'
import { fold } from './fold.js'
import { brokenWord, starredWord } from './fragments.js'
import { harmlessChinese, harmlessEnglish } from './harmless.js'
import { type Found, WordTrie } from './trie.js'
import { charactersOf, hasLeet, leetView, plainView, spacedView, tightView } from './views.js'
import { chineseWords } from './words-chinese.js'
import { englishWords } from './words-english.js'

export interface WordListOptions {
  /** Of the embedded list. Default: all. */
  readonly categories?: readonly WordCategory[]
  /** Further words by category, in any script; `*` before or after a Latin word lets it match inside longer ones. */
  readonly words?: Readonly<Record<string, readonly string[]>>
  /** Further harmless phrases: a word inside of one does not count. */
  readonly harmless?: readonly string[]
}

/**
 * The embedded checker of texts: a Chinese and English word list, read through disguises. It knows words, not meanings: it
 * passes harm that is put into harmless words, and blocks harmless sentences about harmful things. Texts of any length, in
 * linear time. Sources and limits of the list: the package's README.
 */
export class WordListChecker implements PromptChecker {
  readonly name = 'word-list'
  private readonly trie = new WordTrie()
  private readonly entries: string[] = []
  private hash: Promise<string> | undefined

  /** @throws InvalidArgumentError for an unknown category, or a list that is none */
  constructor({ categories = wordCategories, words = {}, harmless = [] }: WordListOptions = {}) {
    for (const category of categories)
      if (!wordCategories.includes(category))
        throw new InvalidArgumentError({
          argument: 'categories',
          message: `unknown category ${JSON.stringify(category)}`,
          hint: `Known are ${wordCategories.join(', ')}.`,
        })
    for (const category of categories)
      for (const word of [...englishWords[category], ...chineseWords[category]]) this.add(word, category)
    for (const [category, list] of Object.entries(words))
      for (const word of listOf(`words.${category}`, list)) this.add(word, category)
    for (const phrase of [...harmlessEnglish, ...harmlessChinese, ...listOf('harmless', harmless)]) this.add(phrase)
  }

  async check(text: string): Promise<Verdict> {
    this.hash ??= inputHash(this.entries.join('\n'))
    const modelHash = await this.hash
    const found = this.find(text)
    if (!found) return { decision: 'allow', checker: this.name, modelHash }
    const { word, category } = found
    const reason = `a word of the list '${category}': ${masked(word)}`
    return { decision: 'block', category, checker: this.name, modelHash, reason }
  }

  private add(word: string, category?: string): void {
    this.trie.add(word, category)
    this.entries.push(`${category ?? ''}:${word}`)
  }

  private find(text: string): Found | undefined {
    const characters = charactersOf(fold(text))
    const { trie } = this
    const plain = trie.find(plainView(characters))
    if (plain) return plain
    if (hasLeet(characters))
      for (const one of ['i', 'l'] as const) {
        const found = trie.find(leetView(characters, one))
        if (found) return found
      }
    for (const view of [tightView(characters), spacedView(characters)]) {
      const found = view && trie.find(view)
      if (found) return found
    }
    return brokenWord(characters, trie) ?? starredWord(characters, trie)
  }
}

function listOf(argument: string, list: readonly string[]): readonly string[] {
  if (Array.isArray(list) && list.every(word => typeof word === 'string')) return list
  throw new InvalidArgumentError({ argument, message: 'must be a list of texts' })
}

/** Enough to find the word in one's text, not to read it. */
function masked(word: string): string {
  const characters = [...word]
  if (characters.length === 1) return '*'
  return characters.map((character, i) => (i === 0 || character === ' ' ? character : '*')).join('')
}
