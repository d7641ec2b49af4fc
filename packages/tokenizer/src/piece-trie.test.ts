import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PieceTrie } from './piece-trie.js'

test('finds the same match as trying every prefix', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '猫', '😀', '\0', '\uffff'), minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { maxLength: 30 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '猫', '😀', 'x') }),
      (words, text) => {
        const trie = new PieceTrie(words.map((entry, id) => [entry, id] as const))
        for (let from = 0; from <= text.length; from++) {
          let best = -1
          let end = from
          for (let to = from + 1; to <= text.length; to++) {
            const id = words.indexOf(text.slice(from, to))
            if (id >= 0) [best, end] = [id, to]
          }
          expect([trie.longest(text, from), trie.end]).toEqual([best, end])
        }
      },
    ),
    { numRuns: 500 },
  )
})
