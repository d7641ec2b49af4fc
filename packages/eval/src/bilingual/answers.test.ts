import { describe, expect, it } from 'vitest'
import { type AnsweredPair, answerEquivalence } from './answers.js'
import type { SameMeaning } from './lexicon/meaning.js'

/** The same number is the same meaning; '?' says nothing. */
const sameMeaning: SameMeaning = (a, b) =>
  a.text === '?' || b.text === '?' ? undefined : a.text === b.text ? 1 : a.text[0] === b.text[0] ? 0.5 : 0

const pairs: AnsweredPair[] = [
  { id: 'a', en: '1', zh: '1', right: { en: true, zh: true } },
  { id: 'b', en: '2', zh: '2', right: { en: false, zh: false } },
  { id: 'c', en: '3', zh: '4', right: { en: true, zh: false } },
  { id: 'd', en: '5', zh: '?' },
  { id: 'e', en: '61', zh: '62', right: { en: false, zh: false } },
  { id: 'f', en: '7', zh: '1', right: { en: false, zh: true } },
]

describe('answerEquivalence', () => {
  it('counts what says the same, beside what different questions have in common', async () => {
    const card = await answerEquivalence(pairs, sameMeaning)
    expect([card.asked, card.compared]).toEqual([6, 5])
    expect(card.agreement.value).toBeCloseTo(2 / 5, 12)
    expect(card.overlap.value).toBeCloseTo(2.5 / 5, 12)
    // Of the twenty comparisons with other answers that say anything, 'a' in English has one alike.
    expect(card.otherQuestions.value).toBeCloseTo(1 / 20, 12)
    expect(card.equivalence.value).toBeCloseTo((0.4 - 0.05) / 0.95, 12)
    expect(card.right).toEqual({ known: 5, both: 1, onlyEn: 1, onlyZh: 1, neither: 2, sameWrong: 1 })
    expect(card.different.map(({ id }) => id)).toEqual(['c', 'e', 'f'])
  })

  it('asks no more often than it is told', async () => {
    const asked: string[] = []
    const counting: SameMeaning = (a, b, task) => {
      asked.push(`${a.text} ${b.text}`)
      return sameMeaning(a, b, task)
    }
    await answerEquivalence(pairs.slice(0, 3), counting, { others: 1 })
    expect(asked).toEqual(['1 1', '1 2', '2 2', '2 4', '3 4', '3 1'])
  })

  it('stops when aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(answerEquivalence(pairs, sameMeaning, { signal })).rejects.toThrow('enough')
  })
})
