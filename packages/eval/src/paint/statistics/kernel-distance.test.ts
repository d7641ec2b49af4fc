import { InvalidArgumentError } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import { expect, test } from 'vitest'
import { peer } from '../fixtures/peer.js'
import { features } from '../fixtures/uniform.js'
import { kernelDistance } from './kernel-distance.js'
import { sessionProducts } from './session-products.js'

test.each(peer.cases)('is what clean-fid says: $n and $m pictures, $dim features', async ({ n, m, dim, kid }) => {
  const [name, rows] = [`${n} ${m} ${dim}`, Math.min(n, m)]
  const a = features(`a ${name}`, n, dim).subarray(0, rows * dim)
  const b = features(`b ${name}`, m, dim)
    .map(value => value * value)
    .subarray(0, rows * dim)
  const { distance, deviation, subsetSize } = await kernelDistance(a, b, dim, { subsets: 1, subsetSize: rows })
  expect(distance).toBeCloseTo(kid, 5)
  expect([deviation, subsetSize]).toEqual([Number.NaN, rows])
})

test('a seed decides the subsets, and the backend gives the same', async () => {
  const [a, b] = [features('one', 60, 12), features('two', 50, 12)]
  const options = { subsets: 5, subsetSize: 20 }
  const here = await kernelDistance(a, b, 12, options)
  expect(await kernelDistance(a, b, 12, options)).toEqual(here)
  expect((await kernelDistance(a, b, 12, { ...options, seed: 1 })).distance).not.toBe(here.distance)
  const { products, dispose } = await sessionProducts(onnxruntimeNode(), 12)
  const there = await kernelDistance(a, b, 12, { ...options, products })
  await dispose()
  expect(there.distance).toBeCloseTo(here.distance, 5)
})

test('of whole sets there is one pair of subsets and no deviation; of a part of either there are more', async () => {
  const [a, b, c] = [features('one', 30, 4), features('two', 30, 4), features('three', 40, 4)]
  expect(await kernelDistance(a, b, 4)).toMatchObject({ deviation: Number.NaN, subsets: 1, subsetSize: 30 })
  const parts = await kernelDistance(a, c, 4, { subsets: 9 })
  expect([parts.subsets, parts.deviation > 1e-6]).toEqual([9, true])
})

test('pictures of one distribution are about 0 apart, others are not', async () => {
  const [a, b] = [features('one', 200, 6), features('two', 200, 6)]
  const near = await kernelDistance(a, b, 6)
  const far = await kernelDistance(
    a,
    b.map(value => value + 1),
    6,
  )
  expect(Math.abs(near.distance)).toBeLessThan(0.02)
  expect(far.distance).toBeGreaterThan(1)
})

test('one picture is too few; an abort ends it', async () => {
  const one = features('x', 1, 4)
  await expect(kernelDistance(one, one, 4)).rejects.toThrow(InvalidArgumentError)
  const two = features('x', 2, 4)
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(kernelDistance(two, two, 4, { signal })).rejects.toThrow('enough')
})
