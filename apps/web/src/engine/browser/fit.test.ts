import { expect, it } from 'vitest'
import { fit } from './fit.js'

/** Columns of 10, 20, 30, ... */
const columns = (width: number, height: number) => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => 10 * ((Math.floor(i / 3) % width) + 1)),
})

it('takes the middle of what is too wide or too high', () => {
  expect([...fit(columns(6, 2), 2, 2).data.subarray(0, 6)]).toEqual([30, 30, 30, 40, 40, 40])
  const high = fit(columns(2, 8), 4, 4)
  expect([high.width, high.height, high.data.length]).toEqual([4, 4, 48])
})

it('leaves what has the size as it is', () => {
  const image = columns(4, 4)
  expect([...fit(image, 4, 4).data]).toEqual([...image.data])
})
