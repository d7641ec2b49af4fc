import type { Language } from '../pairs.js'
import { baseLexicon } from './base.js'
import type { LexiconEntry } from './entry.js'

/** One thing that a text says, by every name that its words may have: 'orange' is a colour and a fruit. */
export type Fact = readonly string[]

interface Word {
  /** English words, or Chinese characters. */
  readonly units: readonly string[]
  readonly facts: Set<string>[]
}

/** Finds what texts say, as names that both languages share. Knows words, no grammar. */
export class Lexicon {
  /** By their first unit, longest first. */
  readonly #words: Readonly<Record<Language, Map<string, Word[]>>>

  /** @param entries beside those for yes, no, numbers, colours and places */
  constructor(entries: readonly LexiconEntry[] = []) {
    const all = [...baseLexicon, ...entries]
    this.#words = { en: indexed(all, 'en'), zh: indexed(all, 'zh') }
  }

  /**
   * The facts of a text, without repetition. The longest word counts ('熊猫' holds no '猫'). Questions inside the text are left
   * out. 'one' counts only where nothing else is said: 'a cat' and '一只猫' are alike.
   */
  facts(text: string, language: Language): Fact[] {
    const found = new Map<string, Fact>()
    const add = (fact: Fact): void => {
      found.set([...fact].sort().join('|'), fact)
    }
    const said = statements(text)
    if (language === 'zh' && /^(是|对|有|会|能)[，,。！!]/.test(said)) add(['yes'])
    const units = unitsOf(said, language)
    for (let i = 0; i < units.length; ) {
      const word = this.#longest(units, i, language)
      if (word) for (const fact of word.facts) add([...fact])
      i += word?.units.length ?? 1
    }
    if (found.size === 0 && units.some(unit => ['one', '1', '一'].includes(unit))) add(['number:1'])
    return [...found.values()]
  }

  #longest(units: readonly string[], at: number, language: Language): Word | undefined {
    const forms = language === 'en' ? singulars(units[at]!) : [units[at]!]
    const candidates = forms.flatMap(form => this.#words[language].get(form) ?? [])
    return candidates
      .filter(word => word.units.every((unit, k) => matches(unit, units[at + k], language)))
      .reduce<Word | undefined>(
        (best, word) => (word.units.length > (best?.units.length ?? 0) ? word : best),
        undefined,
      )
  }
}

function indexed(entries: readonly LexiconEntry[], language: Language): Map<string, Word[]> {
  const words = new Map<string, Word>()
  for (const { facts, [language]: texts } of entries)
    for (const text of texts) {
      const units = unitsOf(text, language)
      const word = words.get(units.join(' '))
      if (!word) words.set(units.join(' '), { units, facts: facts.map(fact => new Set([fact])) })
      // The same word again: it may mean either.
      else for (const [i, fact] of facts.entries()) (word.facts[i] ?? word.facts[0])!.add(fact)
    }
  const byFirst = new Map<string, Word[]>()
  for (const word of words.values()) {
    const first = word.units[0]!
    byFirst.set(first, [...(byFirst.get(first) ?? []), word])
  }
  return byFirst
}

/** Without what is asked: 'Is it blue? It is grey, so no.' says nothing of blue. */
const statements = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[^.!?。！？]*\?/g, '')
    .replace(/,/g, '，')
    .trim()

function unitsOf(text: string, language: Language): string[] {
  const lower = text.normalize('NFKC').toLowerCase().replace(/[’`]/g, "'")
  if (language === 'en') return lower.match(/[a-z0-9]+(?:['-][a-z0-9]+)*/g) ?? []
  return [...lower.replace(/\s+/g, '')]
}

const matches = (unit: string, found: string | undefined, language: Language): boolean =>
  found !== undefined && (unit === found || (language === 'en' && singulars(found).includes(unit)))

/** What an English word may be the plural of, itself first. */
function singulars(word: string): string[] {
  const without = (ending: string, by = ''): string[] =>
    word.endsWith(ending) && word.length > ending.length + 1 ? [word.slice(0, -ending.length) + by] : []
  return [word, ...without('ies', 'y'), ...without('ves', 'f'), ...without('es'), ...without('s')]
}
