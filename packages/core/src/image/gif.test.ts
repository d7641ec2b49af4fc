import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ImageError, isVisCPMError } from '../errors.js'
import { decodeGif, locateGifFrame } from './gif.js'

interface Options {
  readonly screen: [number, number]
  readonly frame: [left: number, top: number, width: number, height: number]
  readonly indices: readonly number[]
  readonly transparent?: number
  readonly interlaced?: boolean
  readonly palette?: readonly number[]
}

/** A GIF with 2-bit colours whose codes are never compressed: a clear code before every two indices. */
function gif({ screen, frame, indices, transparent, interlaced, palette }: Options): Uint8Array {
  const u16 = (n: number) => [n & 255, n >> 8]
  const codes = indices.flatMap((index, i) => (i % 2 === 0 ? [4, index] : [index])).concat(5)
  let bits = 0n
  codes.forEach((code, i) => {
    bits |= BigInt(code) << BigInt(i * 3)
  })
  const packed = Array.from({ length: Math.ceil((codes.length * 3) / 8) }, (_, i) =>
    Number((bits >> BigInt(i * 8)) & 255n),
  )
  const blocks: number[] = []
  for (let i = 0; i < packed.length; i += 200)
    blocks.push(Math.min(200, packed.length - i), ...packed.slice(i, i + 200))
  return Uint8Array.from([
    ...new TextEncoder().encode('GIF89a'),
    ...[...u16(screen[0]), ...u16(screen[1]), palette ? 0x81 : 0, 0, 0],
    ...(palette ?? []),
    ...(transparent === undefined ? [] : [0x21, 0xf9, 4, 1, 0, 0, transparent, 0]),
    ...[0x2c, ...frame.flatMap(u16), interlaced ? 0x40 : 0],
    ...[2, ...blocks, 0, 0x3b],
  ])
}

const palette = [10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42]

test('colours come from the palette, transparent ones too', () => {
  const bytes = gif({ screen: [2, 2], frame: [0, 0, 2, 2], indices: [0, 1, 2, 3], transparent: 2, palette })
  expect(decodeGif(bytes)).toEqual({
    width: 2,
    height: 2,
    channels: 4,
    data: Uint8Array.of(10, 11, 12, 255, 20, 21, 22, 255, 30, 31, 32, 0, 40, 41, 42, 255),
  })
})

test('without a palette indices are grey levels', () => {
  const { data } = decodeGif(gif({ screen: [2, 1], frame: [0, 0, 2, 1], indices: [1, 3] }))
  expect([...data]).toEqual([1, 1, 1, 255, 3, 3, 3, 255])
})

test('a frame that covers a part leaves the rest transparent, or in colour 0', () => {
  const part = { screen: [3, 2], frame: [1, 1, 1, 1], indices: [3], palette } as const
  const reds = (bytes: Uint8Array) => [...decodeGif(bytes).data].filter((_, i) => i % 4 === 0)
  expect(reds(gif({ ...part, screen: [3, 2], frame: [1, 1, 1, 1], transparent: 1 }))).toEqual([20, 20, 20, 20, 40, 20])
  expect(reds(gif({ ...part, screen: [3, 2], frame: [1, 1, 1, 1] }))).toEqual([10, 10, 10, 10, 40, 10])
})

test('a frame beyond the screen widens the picture', () => {
  const bytes = gif({ screen: [1, 1], frame: [2, 1, 1, 2], indices: [1, 2], palette })
  expect(locateGifFrame(bytes)).toMatchObject({ width: 3, height: 3 })
  expect(decodeGif(bytes).data[(1 * 3 + 2) * 4]).toBe(20)
})

test('interlaced rows are put in order', () => {
  const rows = [0, 8, 4, 2, 6, 1, 3, 5, 7] // of 9 rows, in the order in which a file stores them
  const bytes = gif({
    screen: [1, 9],
    frame: [0, 0, 1, 9],
    indices: rows.map(row => row % 4),
    interlaced: true,
    palette,
  })
  const reds = [...decodeGif(bytes).data].filter((_, i) => i % 4 === 0)
  expect(reds).toEqual([10, 20, 30, 40, 10, 20, 30, 40, 10])
})

test('a file cut off anywhere before its last pixel is refused', () => {
  const bytes = gif({ screen: [4, 4], frame: [0, 0, 4, 4], indices: Array(16).fill(1), palette })
  for (let length = 6; length < bytes.length - 3; length++)
    expect(() => decodeGif(bytes.subarray(0, length)), `${length} bytes`).toThrow(ImageError)
})

test('mutated files are decoded or refused, never more', () => {
  const bytes = gif({ screen: [4, 4], frame: [0, 0, 4, 4], indices: Array(16).fill(2), transparent: 1, palette })
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), changes => {
      const mutated = bytes.slice()
      for (const [at, value] of changes) mutated[at] = value
      try {
        const frame = locateGifFrame(mutated)
        if (frame.width * frame.height < 1e5) decodeGif(mutated, frame)
      } catch (error) {
        expect(isVisCPMError(error, 'IMAGE')).toBe(true)
      }
    }),
    { numRuns: 20_000 },
  )
})
