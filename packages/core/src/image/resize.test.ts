import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors.js'
import { resize } from './resize.js'
import type { Image } from './types.js'

interface Recorded {
  readonly from: [number, number]
  readonly to: [number, number]
  readonly sha256: string
  readonly horizontalFirst: string
}
const recorded: { cases: Recorded[] } = JSON.parse(
  await readFile(new URL('./fixtures/resize.json', import.meta.url), 'utf8'),
)

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function picture(width: number, height: number): Image {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0n; i < BigInt(data.length); i++)
    data[Number(i)] = Number((BigInt.asUintN(64, i * i * 2654435761n) >> 13n) & 255n)
  return { width, height, data }
}

test.each(recorded.cases)('$from -> $to is PIL bit for bit', ({ from, to, sha256: expected, horizontalFirst }) => {
  const image = picture(...from)
  expect(sha256(resize(image, ...to).data)).toBe(expected)
  expect(sha256(resize(image, ...to, { passOrder: 'horizontal' }).data)).toBe(horizontalFirst)
})

test('the recorded cases tell the two pass orders apart', () => {
  expect(recorded.cases.filter(c => c.sha256 !== c.horizontalFirst).length).toBeGreaterThan(3)
})

test('a picture of the wanted size is returned as it is', () => {
  const image = picture(7, 5)
  expect(resize(image, 7, 5)).toBe(image)
})

test('any one colour stays that colour at any size', () => {
  const size = fc.integer({ min: 1, max: 60 })
  fc.assert(
    fc.property(size, size, size, size, fc.integer({ min: 0, max: 255 }), (w, h, toW, toH, level) => {
      const image = { width: w, height: h, data: new Uint8Array(w * h * 3).fill(level) }
      const out = resize(image, toW, toH)
      expect(out.data.length).toBe(toW * toH * 3)
      expect(out.data.every(v => v === level)).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('wrong sizes, filters and pictures are refused', () => {
  const image = picture(4, 4)
  for (const size of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => resize(image, size, 4)).toThrow(InvalidArgumentError)
    expect(() => resize(image, 4, size)).toThrow(InvalidArgumentError)
  }
  expect(() => resize(image, 2, 2, { filter: 'lanczos' as 'bicubic' })).toThrow("filter: 'lanczos' is not supported")
  expect(() => resize(image, 2, 2, { passOrder: 'vertical' as 'horizontal' })).toThrow(InvalidArgumentError)
  expect(() => resize({ width: 4, height: 4, data: new Uint8Array(64) }, 2, 2)).toThrow(
    'need 48 bytes, its data has 64',
  )
})
