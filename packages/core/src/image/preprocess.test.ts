import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../errors.js'
import { zeros } from '../tensor.js'
import { normalize, preprocess, toTensor } from './preprocess.js'

const image = { width: 2, height: 1, data: Uint8Array.of(0, 51, 255, 1, 254, 128) }

test('toTensor puts channels first and divides by 255 in float32', () => {
  const { dtype, shape, data } = toTensor(image)
  expect(dtype).toBe('float32')
  expect(shape).toEqual([3, 1, 2])
  expect([...data]).toEqual([0, 1 / 255, 51 / 255, 254 / 255, 1, 128 / 255].map(Math.fround))
})

test('normalize rounds after the subtraction and after the division', () => {
  const f = Math.fround
  const { data } = normalize(toTensor(image), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
  expect(data[1]).toBe(f(f(f(1 / 255) - f(0.485)) / f(0.229)))
  expect(data[3]).toBe(f(f(f(254 / 255) - f(0.456)) / f(0.224)))
})

test('normalize refuses values that do not fit the tensor', () => {
  expect(() => normalize(toTensor(image), [0.5], [0.5, 0.5, 0.5])).toThrow(InvalidArgumentError)
  expect(() => normalize(toTensor(image), [0.5, 0.5, 0.5], [0.5, 0, 0.5])).toThrow('std: must be above 0')
  expect(() => normalize(zeros('float32', [3, 4]), [0, 0, 0], [1, 1, 1])).toThrow('[channels, height, width]')
})

test('preprocess gives -1..1 in the size asked for', () => {
  const { shape, data } = preprocess(image, 4)
  expect(shape).toEqual([3, 4, 4])
  expect(Math.min(...data)).toBe(-1)
  expect(Math.max(...data)).toBe(1)
})
