import { isVisCPMError } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { drawn, recordedModel } from '../fixtures/load.js'
import type { AskOptions } from '../index.js'
import { hostChat, VisCPMChat } from './index.js'

const short: AskOptions = { decoding: 'greedy', maxNewTokens: 12 }
/** Long enough that an abort arrives before the end, however busy the machine is. */
const long: AskOptions = { decoding: 'beam', maxNewTokens: 500, lengthPenalty: 9 }

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('did not fail')
    },
    error => error,
  )
}

describe.each(['worker', 'process'] as const)('a chat in a %s', kind => {
  it('answers as one in this thread, keeps conversations apart, and stays usable after aborts and errors', async () => {
    const local = await VisCPMChat.load(recordedModel)
    const hosted = await hostChat(recordedModel, { kind })
    expect(hosted.defaults).toEqual(local.defaults)

    const talk = (chat: Pick<typeof hosted, 'conversation'>, seed: number) => async () => {
      const conversation = chat.conversation(drawn(seed))
      return [await conversation.ask('what?', short), await conversation.ask('and now?', short)].map(a => a.text)
    }
    const [one, two] = [await talk(local, 1)(), await talk(local, 2)()]
    expect(await Promise.all([talk(hosted, 1)(), talk(hosted, 2)()])).toEqual([one, two])

    const { question, answer } = { question: 'what?', answer: one![0]! }
    const resumed = hosted.conversation(drawn(1), { turns: [{ question, answer }] })
    expect((await resumed.ask('and now?', short)).text).toBe(one![1])
    expect(resumed.turns).toHaveLength(2)
    const noTurns = await failure((async () => hosted.conversation(drawn(1), { turns: ['hi'] as never }))())
    expect(isVisCPMError(noTurns, 'INVALID_ARGUMENT')).toBe(true)

    const controller = new AbortController()
    const aborted = hosted.ask(drawn(1), 'what?', {
      ...long,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    })
    expect(await failure(aborted)).toMatchObject({ message: 'enough' })
    const wrong = await failure(hosted.ask(drawn(1), 'what?', { ...short, topK: 3 }))
    expect(isVisCPMError(wrong, 'INVALID_ARGUMENT')).toBe(true)
    for await (const part of hosted.conversation(drawn(1)).stream('what?', short)) if (part.type === 'text-delta') break
    expect((await hosted.ask(drawn(1), 'what?', short)).text).toBe(one![0])

    await local.dispose()
    await hosted.dispose()
    expect(await failure(hosted.ask(drawn(1), 'what?', short))).toMatchObject({ code: 'DISPOSED' })
  })
})

it('leaves this thread free while the model works', async () => {
  const hosted = await hostChat(recordedModel)
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  const { timings } = await hosted.ask(drawn(3), '图中有什么？', {
    decoding: 'beam',
    maxNewTokens: 200,
    lengthPenalty: 9,
  })
  clearInterval(timer)
  // Blocked, the timer would tick once or twice; free, about once a millisecond on an idle machine.
  expect(ticks).toBeGreaterThan(Math.min(20, timings.total / 50))
  await hosted.dispose()
})

it('checks pictures on this side, and sends nothing that is blocked', async () => {
  const hosted = await hostChat(recordedModel, {
    imageChecker: { name: 'test', check: async () => ({ decision: 'block', checker: 'test' }) },
  })
  expect(await failure(hosted.ask(drawn(1), 'what?', short))).toMatchObject({ code: 'BLOCKED' })
  await hosted.dispose()
})

it('passes the errors of loading on', async () => {
  expect(await failure(hostChat('nowhere.pt'))).toMatchObject({ code: 'FILE_NOT_FOUND', file: 'nowhere.pt' })
})
