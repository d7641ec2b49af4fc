import { float32, tensor } from '@viscpm/core'
import { detectCheckpoint, memoryWeights } from '@viscpm/core/weights'
import { describe, expect, it } from 'vitest'
import { fit, machineMemory, memoryNeed } from './memory.js'

const half = (n: number) => tensor('float16', new Uint16Array(n), [n])

describe('memoryNeed', () => {
  it('counts halves twice when they are widened, and what is stored when they are kept', () => {
    const mixed = memoryWeights({ query: float32([1, 2]), 'mapping.0.weight': half(100), 'mapping.2.weight': half(28) })
    const need = memoryNeed(mixed, detectCheckpoint(mixed))
    const bare = memoryNeed(memoryWeights({}), detectCheckpoint(memoryWeights({})))
    expect(need.float32 - bare.float32).toBe(8 + 128 * 4)
    expect(need.keepHalf! - bare.float32).toBe(8 + 128 * 2)
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
