import { expect, it } from 'vitest'
import { compareVerdicts } from './verdicts.js'

const judged = (id: string, en: boolean, zh: boolean) => ({ id, en, zh })

it('counts verdicts and names where they differ', () => {
  const card = compareVerdicts([
    judged('a', true, true),
    judged('b', false, false),
    judged('c', true, false),
    judged('d', false, false),
  ])
  expect(card).toMatchObject({ pairs: 4, bothAllowed: 2, bothFlagged: 1, onlyEn: 1, onlyZh: 0 })
  expect(card.agreement.value).toBe(0.75)
  expect(card.kappa.value).toBeCloseTo(0.5, 12)
  expect(card.different).toEqual([judged('c', true, false)])
})

it('has no kappa where nothing is flagged', () => {
  expect(compareVerdicts([judged('a', false, false), judged('b', false, false)]).kappa.value).toBeNaN()
})
