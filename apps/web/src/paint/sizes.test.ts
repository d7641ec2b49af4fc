import { describe, expect, it } from 'vitest'
import { fileNameOf } from './gallery.js'
import { schedulerName } from './schedulers.js'
import { shapeOf, sizesFor } from './sizes.js'

describe('sizes', () => {
  it.each([64, 512, 768])('of %i have sides divisible by 8 and about the same area', side => {
    for (const { width, height } of Object.values(sizesFor(side))) {
      expect(width % 8).toBe(0)
      expect(height % 8).toBe(0)
      expect((width * height) / (side * side)).toBeGreaterThan(0.85)
    }
  })

  it('are known again', () => {
    expect(shapeOf(undefined, undefined, 64)).toBe('default')
    expect(shapeOf(80, 48, 64)).toBe('wide')
    expect(shapeOf(48, 80, 64)).toBe('tall')
    expect(shapeOf(64, 64, 64)).toBe('square')
    expect(shapeOf(72, 64, 64)).toBe('own')
  })
})

it('names schedulers as people do', () => {
  expect(schedulerName('DPMSolverMultistepScheduler')).toBe('DPM-Solver++ multistep')
  expect(schedulerName('DDIMScheduler')).toBe('DDIM')
})

describe('file names', () => {
  it.each([
    ['a red cat', '7', 'a-red-cat-7.png'],
    ['一只红色的猫！', '7', '一只红色的猫-7.png'],
    ['../../etc/passwd\0', undefined, 'etc-passwd.png'],
    ['???', undefined, 'viscpm.png'],
    ['a'.repeat(100), undefined, `${'a'.repeat(40)}.png`],
  ])('%j', (prompt, seed, name) => {
    expect(fileNameOf({ prompt, negativePrompt: '', ...(seed ? { seed } : {}) })).toBe(name)
  })
})
