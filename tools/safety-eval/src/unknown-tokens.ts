import { openModelFolder } from '@viscpm/core/node'
import { BertTokenizer, bertTokenizerDefaults, parseTokenizerConfig } from '@viscpm/core/transformers'
import type { UnknownTokens } from './report.js'
import type { Language, TextGroup } from './sample.js'

/** Tokens of a text, and how many of them are [UNK]. */
export type CountTokens = (text: string) => { readonly tokens: number; readonly unknown: number }

/** The tokenizer of a BERT folder, for counting. */
export async function tokenCounter(folder: string): Promise<CountTokens> {
  const files = await openModelFolder(folder, 'vocab.txt')
  const config = (await files.jsonIfThere('tokenizer_config.json', parseTokenizerConfig)) ?? bertTokenizerDefaults
  const tokenizer = BertTokenizer.fromVocabulary(await files.bytes('vocab.txt'), config, files.at('vocab.txt'))
  const unknownId = tokenizer.encode(config.unk)[1]
  return text => {
    const ids = tokenizer.encode(text).slice(1, -1)
    return { tokens: ids.length, unknown: ids.filter(id => id === unknownId).length }
  }
}

/** How much of the harmless texts of a language the vocabulary cannot spell. */
export function unknownTokens(
  checker: string,
  language: Language,
  groups: readonly TextGroup[],
  count: CountTokens,
): UnknownTokens {
  const counts = groups.filter(group => group.language === language && !group.harmful).flatMap(g => g.texts.map(count))
  const sum = (of: 'tokens' | 'unknown') => counts.reduce((total, each) => total + each[of], 0)
  return { checker, language, tokens: sum('tokens'), unknown: sum('unknown') }
}
