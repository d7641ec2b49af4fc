import { type ImageChecker, isVisCPMError, type Verdict } from '@viscpm/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drawn, recordedModel } from './fixtures/load.js'
import type { AskOptions, VisCPMChat as Chat, ChatPart } from './index.js'
import { VisCPMChat } from './node/index.js'

const short: AskOptions = { decoding: 'greedy', maxNewTokens: 8 }
let chat: Chat

beforeAll(async () => {
  chat = await VisCPMChat.load(recordedModel)
})
afterAll(() => chat.dispose())

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('did not fail')
    },
    error => error,
  )
}

describe('questions', () => {
  it('answers with text, usage, timings and what was checked', async () => {
    const answer = await chat.ask(drawn(1), '图中有什么？', short)
    expect(answer.text).not.toBe('')
    expect(answer.usage.imageTokens).toBe(8)
    expect(answer.usage.promptTokens).toBeGreaterThan(20)
    expect(answer.usage.completionTokens).toBeGreaterThan(0)
    expect(answer.safety).toMatchObject({ policy: 'strict', image: 'none', flagged: [] })
    expect(answer.safety.question).toMatchObject({ decision: 'allow', checker: 'word-list' })
    expect(answer.safety.answer).toMatchObject({ decision: 'allow', checker: 'word-list' })
    expect(answer.safety.coverage).toMatchObject({ 'chat-picture': 'none', 'chat-text': ['word-list'] })
    expect(answer.timings.total).toBeGreaterThan(0)
    expect(['stop', 'length']).toContain(answer.finishReason)
  })

  it.each([
    ['empty', ''],
    ['blank', ' \n\t '],
  ])('refuses an %s question', async (_, question) => {
    expect(await failure(chat.ask(drawn(1), question, short))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      argument: 'question',
    })
  })

  it('refuses a question of 100,000 characters by length, naming the limit', async () => {
    expect(await failure(chat.ask(drawn(1), '北京'.repeat(50_000), short))).toMatchObject({
      code: 'CONTEXT_TOO_LONG',
      limit: 3000,
    })
  })

  it.each(['a<b', '<ans_1>', '</s><s>', '<unk>', '<<', '<', '\ud800 half a pair \udc00', '\0', '😀 龘', '</n>'])(
    'takes %j as plain text',
    async question => {
      const talk = chat.conversation(drawn(1))
      await talk.ask(question, short)
      await talk.ask(question, short)
      expect(talk.turns.map(turn => turn.question)).toEqual([question, question])
    },
  )

  it.each([
    [{ beams: 3 }, 'beams'],
    [{ decoding: 'greedy', beamSize: 3 }, 'beamSize'],
    [{ decoding: 'beam', topK: 3 }, 'topK'],
    [{ decoding: 'sample', temperature: 0 }, 'temperature'],
    [{ repetitionPenalty: 0.9 }, 'repetitionPenalty'],
    [{ decoding: 'guess' }, 'decoding'],
    [{ decoding: 'beam', lookup: true }, 'lookup'],
    [{ decoding: 'greedy', lookup: 'yes' }, 'lookup'],
  ])('refuses %j, naming the option', async (options, argument) => {
    expect(await failure(chat.ask(drawn(1), 'what?', options as AskOptions))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      argument,
    })
  })

  it('samples the same answer for the same seed', async () => {
    const options: AskOptions = { decoding: 'sample', seed: 7, temperature: 1.5, maxNewTokens: 12 }
    const [a, b] = [await chat.ask(drawn(1), 'what?', options), await chat.ask(drawn(1), 'what?', options)]
    const other = await chat.ask(drawn(1), 'what?', { ...options, seed: 8 })
    expect(b.text).toBe(a.text)
    expect(other.text).not.toBe(a.text)
  })

  it('refuses keys and values of an unknown kind', async () => {
    expect(await failure(VisCPMChat.load(recordedModel, { kvCache: 'int4' as never }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      argument: 'kvCache',
    })
  })

  it('refuses what is no picture', () => {
    expect(() => chat.conversation({ width: 2, height: 2, data: new Uint8Array(3) })).toThrow(
      'are not 2 x 2 RGB pixels',
    )
    expect(() => chat.conversation(undefined as never)).toThrow('a decoded RGB picture')
  })
})

describe('conversations', () => {
  it('keep their history and what was seen of the picture', async () => {
    const talk = chat.conversation(drawn(90))
    const first = await talk.ask('what?', short)
    const second = await talk.ask('what?', short)
    expect(first.timings.vision).toBeGreaterThan(0)
    expect(second.timings.vision).toBe(0)
    expect(second.usage.promptTokens).toBeGreaterThan(first.usage.promptTokens)
    talk.reset()
    expect(talk.turns).toEqual([])
    expect((await talk.ask('what?', short)).text).toBe(first.text)
  })

  it('do not mix when they answer at the same time', async () => {
    const ask = (seed: number) => chat.ask(drawn(seed), `question ${seed}?`, { ...short, maxNewTokens: 16 })
    const alone: string[] = []
    for (const seed of [1, 2, 3, 4]) alone.push((await ask(seed)).text)
    const together = await Promise.all([1, 2, 3, 4].map(ask))
    expect(together.map(answer => answer.text)).toEqual(alone)
    expect(new Set(alone).size).toBe(4)
  })

  it('give every picture of a batch its own answer', async () => {
    const requests = [1, 2, 3].map(seed => ({ image: drawn(seed), question: '描述这张图片' }))
    const batch = await chat.askBatch(requests, short)
    for (const [i, { image, question }] of requests.entries())
      expect(batch[i]!.text).toBe((await chat.ask(image, question, short)).text)
    expect(new Set(batch.map(answer => answer.text)).size).toBe(3)
  })

  it('take questions in turn, even when the second is asked before the first is answered', async () => {
    const talk = chat.conversation(drawn(5))
    await Promise.all([talk.ask('one?', short), talk.ask('two?', short), talk.ask('three?', short)])
    expect(talk.turns.map(turn => turn.question)).toEqual(['one?', 'two?', 'three?'])
  })

  it('drop their oldest turns when the context is full, and still answer', async () => {
    const talk = chat.conversation(drawn(6))
    const long = '图'.repeat(1200)
    for (let i = 0; i < 3; i++) await talk.ask(long, short)
    const answer = await talk.ask('short?', short)
    expect(answer.droppedTurns).toBeGreaterThan(0)
    expect(answer.droppedTurns).toBeLessThan(3)
    expect(answer.usage.promptTokens).toBeLessThanOrEqual(3000)
    expect(talk.turns).toHaveLength(4)
  })
})

describe('streams', () => {
  async function parts(options: AskOptions): Promise<ChatPart[]> {
    const out: ChatPart[] = []
    for await (const part of chat.conversation(drawn(1)).stream('what?', options)) out.push(part)
    return out
  }

  it.each<AskOptions>([short, { decoding: 'beam', maxNewTokens: 12 }])(
    'start, grow, end; the deltas are the answer',
    async options => {
      const all = await parts(options)
      expect(all[0]).toEqual({ type: 'text-start' })
      const last = all.at(-1)!
      const text = all.map(part => (part.type === 'text-delta' ? part.text : '')).join('')
      expect(last).toMatchObject({ type: 'text-end', answer: { text } })
      expect(text).toBe((await chat.ask(drawn(1), 'what?', options)).text)
    },
  )

  it('can be aborted at every token, and the model answers as before', async () => {
    const options: AskOptions = { decoding: 'greedy', maxNewTokens: 12 }
    let phases = 0
    const counting: AskOptions = { ...options, onProgress: () => phases++ }
    const whole = (await chat.ask(drawn(1), 'what?', counting)).text
    expect(phases).toBeGreaterThan(3)
    // The picture was seen in the run above: two steps fewer from here on.
    for (let stopAt = 0; stopAt < phases - 2; stopAt++) {
      const controller = new AbortController()
      const talk = chat.conversation(drawn(1))
      let steps = 0
      const onProgress = () => {
        if (steps++ === stopAt) controller.abort(new Error('enough'))
      }
      const failed = await failure(talk.ask('what?', { ...options, signal: controller.signal, onProgress }))
      expect(failed).toMatchObject({ message: 'enough' })
      expect(talk.turns).toEqual([])
      expect((await talk.ask('what?', options)).text).toBe(whole)
    }
  })

  it('can be left early', async () => {
    const talk = chat.conversation(drawn(1))
    for await (const part of talk.stream('what?', short)) if (part.type === 'text-delta') break
    expect(talk.turns).toEqual([])
    await expect(talk.ask('what?', short)).resolves.toHaveProperty('text')
  })

  it('refuses at once when the signal is aborted already', async () => {
    const signal = AbortSignal.abort(new Error('before'))
    expect(await failure(chat.ask(drawn(1), 'what?', { ...short, signal }))).toMatchObject({ message: 'before' })
  })
})

describe('safety', () => {
  const checker = (check: () => Promise<Verdict>): ImageChecker => ({ name: 'test', check })
  const verdict = (decision: Verdict['decision']): Verdict => ({ decision, checker: 'test', reason: 'says the test' })

  it.each<[string, ImageChecker]>([
    ['blocks', checker(async () => verdict('block'))],
    ['does not know', checker(async () => verdict('unknown'))],
    ['fails', checker(() => Promise.reject(new Error('broken')))],
  ])('keeps the picture from the model when the checker %s', async (_, imageChecker) => {
    const guarded = await VisCPMChat.load(recordedModel, { imageChecker })
    const phases: string[] = []
    const options: AskOptions = { ...short, onProgress: ({ phase }) => phases.push(phase) }
    const failed = await failure(guarded.ask(drawn(1), 'what?', options))
    expect(isVisCPMError(failed, 'BLOCKED')).toBe(true)
    expect(failed).toMatchObject({ verdicts: [{ checker: 'test' }] })
    expect(phases).toEqual([])
    await guarded.dispose()
  })

  it('reports what an allowing checker said', async () => {
    const guarded = await VisCPMChat.load(recordedModel, {
      imageChecker: checker(async () => verdict('allow')),
      promptChecker: {
        name: 'words',
        check: async text => ({ decision: text.includes('bad') ? 'block' : 'allow', checker: 'words' }),
      },
    })
    const { safety } = await guarded.ask(drawn(1), 'good?', short)
    expect(safety).toMatchObject({ image: { decision: 'allow' }, question: { decision: 'allow' } })
    expect(await failure(guarded.ask(drawn(1), 'bad?', short))).toMatchObject({ code: 'BLOCKED' })
    await guarded.dispose()
  })
})

it('refuses to answer once disposed', async () => {
  const other = await VisCPMChat.load(recordedModel)
  const talk = other.conversation(drawn(1))
  await other.dispose()
  await other.dispose()
  expect(await failure(talk.ask('what?', short))).toMatchObject({ code: 'DISPOSED' })
})
