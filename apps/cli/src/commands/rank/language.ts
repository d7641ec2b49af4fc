import type { Messages } from '../../messages/index.js'

/** Says that a ranker does not read a prompt's language. */
export function otherLanguage(
  t: Messages,
  ranker: { readonly by: string; readonly languages: readonly ('zh' | 'en')[] },
  language: 'zh' | 'en',
): string {
  const { names } = t.rank
  return t.rank.otherLanguage(ranker.by, ranker.languages.map(known => names[known]).join(', '), names[language])
}
