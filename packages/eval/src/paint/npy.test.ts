import { FileFormatError } from '@viscpm/core'
import { expect, test } from 'vitest'
import { readNpy, writeNpy } from './npy.js'

/** As numpy writes it. */
function npy(header: string, data: ArrayBufferView): Uint8Array {
  const text = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from(Uint16Array.of(text.length).buffer),
    Buffer.from(text, 'latin1'),
    Buffer.from(data.buffer),
  ])
}
const header = (descr: string, fortran: boolean, shape: string) =>
  `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`

test('what is written is read again, beginning at a multiple of 64', () => {
  for (const shape of [[], [3], [2, 3]]) {
    const count = shape.reduce((a, b) => a * b, 1)
    const array = { shape, data: Float64Array.from({ length: count }, (_, i) => i / 7) }
    const bytes = writeNpy(array)
    expect((bytes.length - count * 8) % 64).toBe(0)
    expect(readNpy(bytes, 'x')).toEqual(array)
  }
})

test('float32 and Fortran order become float64, row-major', () => {
  const data = Float32Array.of(1, 4, 2, 5, 3, 6)
  expect(readNpy(npy(header('<f4', true, '(2, 3)'), data), 'x')).toEqual({
    shape: [2, 3],
    data: Float64Array.of(1, 2, 3, 4, 5, 6),
  })
  expect(readNpy(npy(header('<i8', false, '()'), BigInt64Array.of(5n)), 'x').data[0]).toBe(5)
})

test.each([
  ['objects', npy(header('|O', false, '(1,)'), new Uint8Array(8)), 'holds |O'],
  ['cut off', npy(header('<f8', false, '(2,)'), new Float64Array(1)), '8 bytes of data, a shape of [2] takes 16'],
  ['something else', new Uint8Array(40), 'not an array of numpy'],
])('refuses %s', (_, bytes, message) => {
  expect(() => readNpy(bytes, 'file.npz: mu')).toThrow(FileFormatError)
  expect(() => readNpy(bytes, 'file.npz: mu')).toThrow(message)
})
