/**
 * Makes typed text safe: the one place through which every question, prompt, history and returning answer goes.
 * In CPM-Bee's syntax `<` opens a special token and `<<` is a literal `<`; escaped text can only be ordinary words.
 * Works on any string, lone surrogates included. Not idempotent: escape once, where typed text enters.
 */
export function escapeText(text: string): string {
  return text.replaceAll('<', '<<')
}

/** Inverse of `escapeText`, for decoded text: `unescapeText(decode(encode(escapeText(x))))` is `x`. */
export function unescapeText(text: string): string {
  return text.replaceAll('<<', '<')
}

/** Text in CPM-Bee's syntax as a reader sees it: without special tokens, `<<` as `<`. */
export function withoutSpecialTokens(text: string): string {
  return text.replace(/<<|<[^<>]*>/g, found => (found === '<<' ? '<' : ''))
}
