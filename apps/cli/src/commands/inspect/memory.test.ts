import { float32, tensor } from '@viscpm/core'
import { detectCheckpoint, memoryWeights } from '@viscpm/core/weights'
import { describe, expect, it } from 'vitest'
import { fit, memoryNeed } from './memory.js'

const half = (n: number) => tensor('float16', new Uint16Array(n), [n])

/** A language model with so many layers of 1,000 numbers. */
const bee = (layers: number, weights: (n: number) => ReturnType<typeof half>) =>
  memoryWeights({
    'input_embedding.weight': float32(new Float32Array(64), [1, 64]),
    'position_bias.relative_attention_bias': float32([0], [1, 1]),
    ...Object.fromEntries(Array.from({ length: layers }, (_, i) => [`encoder.layers.${i}.ffn.x`, weights(1000)])),
  })
const need = (source: ReturnType<typeof bee>) => memoryNeed(source, detectCheckpoint(source))

describe('memoryNeed', () => {
  it('counts halves twice when they are widened', () => {
    const grown = (of: 'float32' | 'keepHalf') => need(bee(9, half))[of]! - need(bee(5, half))[of]!
    expect(grown('float32') - grown('keepHalf')).toBeCloseTo(4 * 1000 * 2)
  })

  it('has one number where nothing is half', () => {
    const source = bee(3, n => float32(new Float32Array(n)) as never)
    expect(need(source)).not.toHaveProperty('keepHalf')
  })

  it('leaves out what is not used', () => {
    const more = memoryWeights({ query: float32([1, 2]), 'optimizer.state': float32(new Float32Array(1000)) })
    const used = memoryWeights({ query: float32([1, 2]) })
    expect(memoryNeed(more, detectCheckpoint(more))).toEqual(memoryNeed(used, detectCheckpoint(used)))
  })
})

describe('fit', () => {
  const memory = { total: 100, free: 40 }
  it.each([
    [40, 'fits'],
    [41, 'fitsTight'],
    [95, 'fitsTight'],
    [96, 'doesNotFit'],
  ])('%d -> %s', (need, verdict) => {
    expect(fit(need, memory)).toBe(verdict)
  })
})
