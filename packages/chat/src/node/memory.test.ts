import { isVisCPMError } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { drawn, recordedModel } from '../fixtures/load.js'
import type { AskOptions } from '../index.js'
import { hostChat, loadCpmBee, VisCPMChat } from './index.js'

const short: AskOptions = { decoding: 'greedy', maxNewTokens: 8 }

async function refusal(promise: Promise<unknown>): Promise<{ message: string; hint: string; needed: number }> {
  const error = await promise.then(
    () => undefined,
    reason => reason,
  )
  if (isVisCPMError(error, 'INSUFFICIENT_MEMORY')) return error as never
  throw error ?? new Error('was not refused')
}

describe('a chat in the memory that it may take', () => {
  it('gives the same answers whether its vision part stays or is released', async () => {
    const kept = await VisCPMChat.load(recordedModel)
    const released = await VisCPMChat.load(recordedModel, { releaseVision: true })
    const [one, two] = [drawn(1), drawn(2)]
    const expected = [await kept.ask(one, 'what?', short), await kept.ask(two, 'what?', short)].map(a => a.text)
    const found = await Promise.all([released.ask(one, 'what?', short), released.ask(two, 'what?', short)])
    expect(found.map(a => a.text)).toEqual(expected)
    expect((await released.ask(one, 'what?', short)).timings.vision).toBe(0) // what was seen stays
    await kept.dispose()
    await released.dispose()
    await released.dispose()
    await expect(released.ask(drawn(3), 'what?', short)).rejects.toMatchObject({ code: 'DISPOSED' })
  })

  it.each(['low', 'auto', 'normal', '2g', 2 ** 31] as const)('memory %j answers', async memory => {
    const chat = await VisCPMChat.load(recordedModel, { memory })
    expect((await chat.ask(drawn(1), 'what?', short)).text).not.toBe('')
    await chat.dispose()
  })

  it('is refused before loading, in a thread as well', async () => {
    const error = await refusal(VisCPMChat.load(recordedModel, { memory: '20m' }))
    expect(error.message).toMatch(/chat-tiny.*takes 0\.\d+ GB at least, and 0\.02 GB are allowed/)
    expect(error.hint).toContain("memory: 'low' (--memory low) tries all the same.")
    expect(error.needed).toBeGreaterThan(50e6)
    expect((await refusal(hostChat(recordedModel, { memory: '20m' }))).message).toBe(error.message)
  })

  it('refuses what is no size', async () => {
    await expect(VisCPMChat.load(recordedModel, { memory: 'lots' as never })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      argument: 'memory',
    })
  })

  it('sizes are for the CPU: another device says so', async () => {
    await expect(VisCPMChat.load(recordedModel, { memory: '2g', device: 'cuda' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      argument: 'memory',
    })
  })
})

describe('a language model', () => {
  it('is counted without the part that sees', async () => {
    const bee = await loadCpmBee(recordedModel, { memory: 'low' })
    await bee.dispose()
    expect((await refusal(loadCpmBee(recordedModel, { memory: '20m' }))).message).toContain('at least')
  })
})
