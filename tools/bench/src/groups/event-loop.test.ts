import { describe, expect, it } from 'vitest'
import { largestGap } from './event-loop.js'

const after = (ms: number) => new Promise(done => setTimeout(done, ms))

describe('largest gap', () => {
  it('sees this thread being blocked', async () => {
    const work = after(20).then(() => {
      const end = performance.now() + 120
      while (performance.now() < end);
    })
    const { wall, own } = await largestGap(work)
    expect(wall).toBeGreaterThanOrEqual(119)
    expect(own).toBeLessThanOrEqual(wall)
    expect(own).toBeGreaterThan(5)
  })

  it('does not call waiting a gap', async () => {
    const { own } = await largestGap(after(150))
    expect(own).toBeLessThan(100)
  })

  it('passes failures on', async () => {
    await expect(largestGap(after(5).then(() => Promise.reject(new Error('broke'))))).rejects.toThrow('broke')
  })
})
