import { describe, expect, it } from 'vitest'
import { lengthOf, rangeTotal } from './lengths.js'

const answer = (range: string | undefined, length?: string) => ({
  header: (name: string) => ({ 'content-range': range, 'content-length': length })[name],
})

describe('rangeTotal', () => {
  it.each([
    ['bytes 10-99/100', '90', 100],
    ['bytes 10-99/100', undefined, 100],
    ['bytes 10-49/100', '40', 100],
    ['bytes 10-99/*', '90', undefined],
  ])('%s of %s bytes', (range, length, total) => expect(rangeTotal(answer(range, length), 10)).toBe(total))

  it.each([
    [undefined, '90'],
    ['bytes 11-99/100', '89'],
    ['bytes 0-99/100', '100'],
    ['bytes 10-99/100', '100'],
    ['bytes 10-9/100', '0'],
    ['bytes 10-100/100', '91'],
    ['bytes */100', '0'],
    ['10-99/100', '90'],
    ['bytes 10-99', '90'],
    ['bytes -10-99/100', '90'],
  ])('%s of %s bytes is none', (range, length) => {
    expect(() => rangeTotal(answer(range, length), 10)).toThrow('another part')
  })

  it('was not asked for from the first byte on', () => {
    expect(() => rangeTotal(answer('bytes 0-99/100', '100'), 0)).toThrow('another part')
  })
})

describe('lengthOf', () => {
  it.each([
    ['0', 0],
    ['12', 12],
    ['-1', undefined],
    ['1e3', undefined],
    [undefined, undefined],
  ])('%s', (length, bytes) => expect(lengthOf(answer(undefined, length))).toBe(bytes))
})
