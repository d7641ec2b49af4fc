import { expect, test } from 'vitest'
import { tensor } from '../tensor.js'
import { memoryWeights } from './memory.js'
import { modelHash } from './model-hash.js'

const ramp = (length: number, first = 0) =>
  tensor(
    'float32',
    Float32Array.from({ length }, (_, i) => first + i),
    [length],
  )

test('the same tensors in any order and container hash alike; a name, shape or beginning more does not', async () => {
  const hash = (tensors: Record<string, ReturnType<typeof ramp>>, prefix?: string) =>
    modelHash([{ weights: memoryWeights(tensors), ...(prefix !== undefined && { prefix }) }])
  const one = await hash({ 'a.w': ramp(4), 'a.b': ramp(20, 1) })
  expect(one).toMatch(/^[0-9a-f]{64}$/)
  expect(await hash({ 'a.b': ramp(20, 1), 'a.w': ramp(4), c: ramp(2) }, 'a.')).toBe(one)
  expect(
    await modelHash([
      { weights: memoryWeights({ 'a.b': ramp(20, 1) }) },
      { weights: memoryWeights({ 'a.w': ramp(4) }) },
    ]),
  ).toBe(one)
  for (const other of [
    { 'a.w': ramp(4), 'a.c': ramp(20, 1) },
    { 'a.w': ramp(5), 'a.b': ramp(20, 1) },
    { 'a.w': ramp(4, 2), 'a.b': ramp(20, 1) },
  ])
    expect(await hash(other)).not.toBe(one)
})
