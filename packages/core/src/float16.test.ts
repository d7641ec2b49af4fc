import { expect, it } from 'vitest'
import { bfloat16ToFloat32, float16ToFloat32, float16ToNumber, numberToFloat16 } from './float16.js'

it('converts every half to a number and back', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = float16ToNumber(bits)
    if (Number.isNaN(value)) expect(Number.isNaN(float16ToNumber(numberToFloat16(value)))).toBe(true)
    else if (numberToFloat16(value) !== bits) throw new Error(`${bits} became ${numberToFloat16(value)}`)
  }
})

it('rounds to the nearest half, ties to even, and overflows to infinity', () => {
  expect(numberToFloat16(1 + 2 ** -11)).toBe(0x3c00)
  expect(numberToFloat16(1 + 3 * 2 ** -11)).toBe(0x3c02)
  expect(numberToFloat16(65519)).toBe(0x7bff)
  expect(numberToFloat16(65520)).toBe(0x7c00)
  expect(numberToFloat16(-1e9)).toBe(0xfc00)
  expect(numberToFloat16(2 ** -25)).toBe(0)
  expect(numberToFloat16(3 * 2 ** -26)).toBe(1)
  expect(float16ToFloat32(Uint16Array.of(0x0001))[0]).toBe(2 ** -24)
})

it('widens bfloat16 exactly', () => {
  expect([...bfloat16ToFloat32(Uint16Array.of(0x3f80, 0xc040, 0x7f80))]).toEqual([1, -3, Number.POSITIVE_INFINITY])
})
