import { randomNumbers } from '@viscpm/core/random'
import phrases from 'opencc-js/dict/STPhrases'
import typescript from 'typescript'
import { dataLines } from '../data.js'
import { type Language, languages, type TextGroup } from '../sample.js'
import { compilerMessages } from './compiler-messages.js'

const wordPairs = 2000

/** Ordinary texts with a licence (data/README.md), and sentences that are hard on word lists, by hand. */
export async function ordinaryTexts(): Promise<TextGroup[]> {
  const groups: TextGroup[] = []
  const add = (name: string, language: Language, texts: readonly string[]) =>
    groups.push({ name, language, harmful: false, texts: [...new Set(texts)] })

  const everyday = (await dataLines('everyday.txt')).map(line => line.split('\t'))
  for (const [column, language] of languages.entries()) {
    add(
      'everyday sentences',
      language,
      everyday.map(line => line[column]!),
    )
    add('declaration of human rights', language, await dataLines(`udhr.${language}.txt`))
    add('names of signs and emoji', language, await dataLines(`cldr-names.${language}.txt`))
    add("a compiler's messages", language, await compilerMessages(language, typescript))
  }
  add("a dictionary's example sentences", 'en', await dataLines('wordnet-sentences.en.txt'))
  add('two dictionary words side by side', 'zh', chineseWordPairs())
  for (const language of languages) add('hard, by hand', language, await dataLines(`hard.${language}.txt`))
  return groups
}

/** As Chinese has no spaces, a listed word can lie across the border of two ordinary ones. */
function chineseWordPairs(): string[] {
  const words = phrases.split('|').map(entry => entry.slice(0, entry.indexOf(' ')))
  const random = randomNumbers(2)
  const any = () => words[Math.floor(random() * words.length)]!
  return Array.from({ length: wordPairs }, () => any() + any())
}
