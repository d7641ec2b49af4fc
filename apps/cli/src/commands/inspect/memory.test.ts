import { float32, tensor } from '@viscpm/core'
import { detectCheckpoint, memoryWeights } from '@viscpm/core/weights'
import { describe, expect, it } from 'vitest'
import { fit, machineMemory, memoryNeed } from './memory.js'

const half = (n: number) => tensor('float16', new Uint16Array(n), [n])

describe('memoryNeed', () => {
  it('counts halves twice when they are widened, else as stored and the largest one widened', () => {
    const keys = ['mapping.0.weight', 'mapping.0.bias', 'mapping.2.weight', 'mapping.2.bias']
    const halves = Object.fromEntries(keys.map((key, i) => [key, half(100 - i)]))
    const mixed = memoryWeights({ query: float32([1, 2]), ...halves })
    const need = memoryNeed(mixed, detectCheckpoint(mixed))
    const bare = memoryNeed(memoryWeights({}), detectCheckpoint(memoryWeights({}))).float32
    expect(need.float32 - bare).toBe(8 + 394 * 4)
    expect(need.keepHalf! - bare).toBe(8 + 394 * 2 + 100 * 4)
  })

  it('counts the cache of a conversation of 1,024 tokens', () => {
    const layers = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`encoder.layers.${i}.ffn.x`, float32([])]))
    const bee = (count: number) =>
      memoryWeights({
        'input_embedding.weight': float32(new Float32Array(64), [1, 64]),
        'position_bias.relative_attention_bias': float32([0], [1, 1]),
        ...layers(count),
      })
    const need = (count: number) => memoryNeed(bee(count), detectCheckpoint(bee(count))).float32
    expect(need(3) - need(1)).toBe(2 * 2 * 64 * 4 * 1024)
  })

  it('has one number where nothing is half', () => {
    const source = memoryWeights({ query: float32([1, 2]) })
    expect(memoryNeed(source, detectCheckpoint(source))).not.toHaveProperty('keepHalf')
  })

  it('leaves out what is not used', () => {
    const used = memoryWeights({ query: float32([1, 2]) })
    const more = memoryWeights({ query: float32([1, 2]), 'optimizer.state': float32(new Float32Array(1000)) })
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

describe('machineMemory', () => {
  it('is that of a real machine', () => {
    const { total, free } = machineMemory()
    expect(total).toBeGreaterThan(256 * 2 ** 20)
    expect(free).toBeGreaterThan(0)
    expect(free).toBeLessThanOrEqual(total)
  })
})
