import { describe, expect, it } from 'vitest'
import { output } from './shell.js'

const node = process.execPath

describe('a command', () => {
  it('gives what it writes, and its complaint when it fails', async () => {
    expect(await output(node, ['-p', 'process.env.GIVEN'], { env: { GIVEN: 'x' } })).toBe('x')
    await expect(output(node, ['-e', 'console.error("why"); process.exit(3)'])).rejects.toThrow('ended with 3: why')
  })

  it('ends when it takes too long', async () => {
    await expect(output(node, ['-e', 'setTimeout(() => {}, 60000)'], { timeoutMs: 50 })).rejects.toThrow('got SIGTERM')
  })

  it('that is not there is a failure, and keeps no timer', async () => {
    const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
    const before = timers()
    await expect(output('no-such-command-anywhere', [])).rejects.toThrow('ENOENT')
    expect(timers()).toBe(before)
  })
})
