import { commonFragments } from './common-fragments.js'
import { Kind } from './fold.js'
import type { Found, WordTrie } from './trie.js'
import type { Characters } from './views.js'

const shortest = 4
const longest = 16
const star = '*'.charCodeAt(0)

/** Latin stretches with the characters of `also` among them, as texts. */
function* stretches({ codes, kinds }: Characters, also?: number): Generator<string> {
  let from = -1
  for (let i = 0; i <= codes.length; i++) {
    const inside = i < codes.length && (kinds[i] === Kind.letter || codes[i] === also)
    if (inside && from < 0) from = i
    if (inside || from < 0) continue
    yield i - from > longest ? '' : String.fromCharCode(...codes.subarray(from, i))
    from = -1
  }
}

/** A word that was cut in two or three by spaces: "fu ck". Fragments that are words of their own do not count. */
export function brokenWord(characters: Characters, words: WordTrie): Found | undefined {
  const last: string[] = []
  for (const stretch of stretches(characters)) {
    for (let n = last.length; n > 0; n--) {
      const fragments = [...last.slice(-n), stretch]
      const word = fragments.join('')
      if (word.length < shortest || fragments.some(f => f === '' || commonFragments.has(f))) continue
      const found = words.exactly(word)
      if (found) return found
    }
    last.push(stretch)
    if (last.length > 2) last.shift()
  }
  return undefined
}

/** A word of at least four letters, up to half of them stars, the first one not: "f**k". */
export function starredWord(characters: Characters, words: WordTrie): Found | undefined {
  if (!characters.codes.includes(star)) return undefined
  const byShape = new Map<string, [string, Found][]>()
  const shape = (word: string) => word.length + word[0]!
  for (const [word, found] of words.latinWords())
    byShape.set(shape(word), [...(byShape.get(shape(word)) ?? []), [word, found]])
  for (const stretch of stretches(characters, star)) {
    const stars = stretch.split('*').length - 1
    if (stars === 0 || stretch.length < shortest || stars > stretch.length / 2 || stretch[0] === '*') continue
    for (const [word, found] of byShape.get(shape(stretch)) ?? [])
      if ([...stretch].every((letter, i) => letter === '*' || letter === word[i])) return found
  }
  return undefined
}
