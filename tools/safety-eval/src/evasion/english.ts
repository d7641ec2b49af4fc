import type { Disguise } from './disguise.js'

const each = (word: string, change: (letter: string) => string): string => [...word].map(change).join('')
const by = (table: Readonly<Record<string, string>>) => (word: string) => each(word, letter => table[letter] ?? letter)
const shifted = (to: number) => (word: string) =>
  each(word, letter => String.fromCodePoint(letter.codePointAt(0)! - 97 + to))
const middle = (word: string): number => Math.floor(word.length / 2)

const cyrillic = { a: 'а', c: 'с', e: 'е', i: 'і', o: 'о', p: 'р', s: 'ѕ', h: 'һ' }
const leet = { a: '4', e: '3', i: '1', o: '0', s: '5' }
const signs = { a: '@', s: '$', i: '!', c: '(', u: 'v', o: '()' }

/** Words to be disguised: on the list, and no slurs. */
export const englishBases: readonly string[] = [
  'porn', 'penis', 'vagina', 'dildo', 'orgasm', 'blowjob', 'suicide', 'cocaine', 'heroin', 'fuck', 'shit', 'bitch',
] // biome-ignore format: one line a word helps nobody

/** How English words are hidden. */
export const englishDisguises: readonly Disguise[] = [
  { kind: 'as it is', hide: word => word },
  { kind: 'mixed case', hide: word => [...word].map((l, i) => (i % 2 ? l.toUpperCase() : l)).join('') },
  { kind: 'full-width letters', hide: shifted(0xff41) },
  { kind: 'styled letters', hide: shifted(0x1d41a) },
  { kind: 'look-alikes (Cyrillic)', hide: by(cyrillic) },
  { kind: 'combining marks', hide: word => each(word, letter => `${letter}\u0336`) },
  { kind: 'zero-width characters', hide: word => [...word].join('\u200b') },
  { kind: 'spaces', hide: word => [...word].join(' ') },
  { kind: 'dots', hide: word => [...word].join('.') },
  { kind: 'cut in two', hide: word => `${word.slice(0, middle(word))} ${word.slice(middle(word))}` },
  { kind: 'digits (leetspeak)', hide: by(leet) },
  { kind: 'signs', hide: by(signs) },
  { kind: 'stars', hide: word => `${word[0]}${'*'.repeat(Math.max(1, middle(word) - 1))}${word.slice(middle(word))}` },
  { kind: 'stretched', hide: word => each(word, letter => ('aeiou'.includes(letter) ? letter.repeat(3) : letter)) },
  { kind: 'inside a longer word', hide: word => `my${word}pics` },
  { kind: 'reversed', hide: word => [...word].reverse().join('') },
  { kind: 'two letters swapped', hide: word => word.replace(/^(.)(.)(.)/, '$1$3$2') },
  { kind: 'a letter left out', hide: word => word.slice(0, middle(word)) + word.slice(middle(word) + 1) },
]
