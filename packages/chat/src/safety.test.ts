import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ImageChecker, isVisCPMError, type PromptChecker, type Verdict } from '@viscpm/core'
import { openCheckpoint } from '@viscpm/core/node'
import {
  missingChecker,
  noSafety,
  Policy,
  Safety,
  type SafetyParts,
  strictPolicy,
  strictSafety,
  upstreamSafety,
} from '@viscpm/safety'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'
import { describe, expect, it } from 'vitest'
import { drawn, modelFolder, recordedModel } from './fixtures/load.js'
import { modelCalled, untouchable } from './fixtures/untouchable.js'
import { type AskOptions, BlockedInputError, type ChatPart, parseChatConfig, type Turn, VisCPMChat } from './index.js'
import { hostChat, VisCPMChat as Loader } from './node/index.js'

const short: AskOptions = { decoding: 'greedy', maxNewTokens: 12 }
const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** The recorded model, which throws when it is asked. */
async function untouched(parts: SafetyParts): Promise<VisCPMChat> {
  const weights = await openCheckpoint(recordedModel)
  const read = (name: string) => readFileSync(join(modelFolder, name))
  try {
    return await VisCPMChat.create({
      ...parts,
      weights,
      config: parseChatConfig(JSON.parse(read('config.json').toString())),
      tokenizer: CpmBeeTokenizer.fromVocabulary(read('bee.txt'), 'bee.txt'),
      backend: untouchable(),
    })
  } finally {
    await weights.close()
  }
}

/** What came of it: the code of the error, or the error of the model. */
async function outcome(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'answered',
    error => (isVisCPMError(error) ? error.code : String(error.message)),
  )
}

const imageChecker = (decision: Verdict['decision']): ImageChecker => ({
  name: 'eye',
  check: async () => ({ decision, checker: 'eye' }),
})
const wordChecker = (word: string): PromptChecker => ({
  name: 'words',
  check: async text => ({ decision: text.includes(word) ? 'block' : 'allow', checker: 'words' }),
})

async function answer(chat: VisCPMChat, turns: readonly Turn[], question: string, syntax: 'text' | 'raw' = 'text') {
  const answering = chat.answer(drawn(1), { turns, question, syntax }, short)
  let next = await answering.next()
  while (!next.done) next = await answering.next()
  return next.value
}

describe('what is blocked never reaches the model', () => {
  it('by default: questions, history, and raw syntax read as the model reads it', async () => {
    const chat = await untouched({})
    expect(await outcome(chat.ask(drawn(1), 'what is it?', short))).toBe(modelCalled)
    for (const question of ['a porn picture?', '这是色情图片吗', 'p0rn?'])
      expect(await outcome(chat.ask(drawn(1), question, short))).toBe('BLOCKED')
    const [good, bad] = [
      { question: 'what?', answer: 'a cat' },
      { question: 'what?', answer: 'porn' },
    ]
    expect(await outcome(answer(chat, [good], 'and now?'))).toBe(modelCalled)
    expect(await outcome(answer(chat, [good, bad], 'and now?'))).toBe('BLOCKED')
    expect(await outcome(answer(chat, [{ ...bad, question: '色情', answer: 'x' }, good], 'and now?'))).toBe('BLOCKED')
    expect(await outcome(answer(chat, [], 'po<mask_0>rn?', 'raw'))).toBe('BLOCKED')
    await chat.dispose()
  })

  it('is named, with what was decided', async () => {
    const chat = await untouched({ imageChecker: imageChecker('block') })
    const blocked = (asking: Promise<unknown>) => asking.catch((error: unknown) => error)
    const verdict = { decision: 'block', checker: 'word-list', category: 'sexual' }
    const question = await blocked(chat.ask(drawn(1), 'p0rn?', short))
    expect(question).toBeInstanceOf(BlockedInputError)
    expect(question).toMatchObject({
      name: 'BlockedInputError',
      code: 'BLOCKED',
      what: 'question',
      decision: { stage: 'chat-text', action: 'block', verdict },
      verdicts: [verdict],
    })
    const history = await blocked(answer(chat, [{ question: 'p0rn?', answer: 'x' }], 'and now?'))
    expect(history).toMatchObject({ what: 'history', decision: { stage: 'chat-text', verdict } })
    const picture = await blocked(chat.ask(drawn(1), 'what?', short))
    expect(picture).toMatchObject({ what: 'picture', decision: { stage: 'chat-picture' } })
    await chat.dispose()
  })

  it.each<[string, ImageChecker]>([
    ['blocks', imageChecker('block')],
    ['does not know', imageChecker('unknown')],
    ['is missing', missingChecker('eye', 'no such folder')],
    ['throws', { name: 'eye', check: () => Promise.reject(new Error('broken')) }],
    ['hangs', { name: 'eye', check: () => new Promise(() => {}) }],
    ['says NaN', { name: 'eye', check: async () => ({ decision: 'allow', checker: 'eye', score: Number.NaN }) }],
    ['says nothing', { name: 'eye', check: async () => undefined as never }],
  ])('a picture whose checker %s', async (_, checker) => {
    const chat = await untouched({ safety: strictSafety({ image: [checker], timeoutMs: 50 }) })
    expect(await outcome(chat.ask(drawn(1), 'what?', short))).toBe('BLOCKED')
    await chat.dispose()
  })

  it('under strict, whatever is done in whatever order', async () => {
    let state = 7
    const below = (n: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * n)
    }
    const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
    const texts = ['what is it?', '图里有什么', 'a porn star', '鸡 巴', 'f.u.c.k', '一张猫的照片', 'a cocktail']
    const harmful = new Set(['a porn star', '鸡 巴', 'f.u.c.k'])
    const pictures = [drawn(1), drawn(2)]
    const eye: ImageChecker = {
      name: 'eye',
      check: async image => ({ decision: image === pictures[1] ? 'block' : 'allow', checker: 'eye' }),
    }
    const chats = [
      await untouched({}),
      await untouched({ safety: strictSafety({ image: [eye] }) }),
      await untouched({ imageChecker: eye }),
    ]
    let blocked = 0
    for (let i = 0; i < 400; i++) {
      const which = below(chats.length)
      const picture = pick(pictures)
      const turns = Array.from({ length: below(3) }, () => ({ question: pick(texts), answer: pick(texts) }))
      const question = pick(texts)
      const bad =
        [question, ...turns.flatMap(t => [t.question, t.answer])].some(text => harmful.has(text)) ||
        (which > 0 && picture === pictures[1])
      const options: AskOptions = {
        ...short,
        ...(below(2) === 0 && { onProgress: () => {} }),
        ...(below(2) === 0 && { signal: new AbortController().signal }),
      }
      const syntax = pick(['text', 'raw'] as const)
      const answering = chats[which]!.answer(picture, { turns, question, syntax }, options)
      const came = await outcome(
        (async () => {
          for (;;) if ((await answering.next()).done) return
        })(),
      )
      expect({ i, question, turns, came }).toEqual({ i, question, turns, came: bad ? 'BLOCKED' : modelCalled })
      if (bad) blocked++
    }
    expect(blocked).toBeGreaterThan(100)
    expect(blocked).toBeLessThan(380)
    for (const chat of chats) await chat.dispose()
  }, 120_000)
})

describe('answers', () => {
  /** A checker that knows some of what the recorded model says. */
  async function said(): Promise<{ text: string; bad: string }> {
    const chat = await Loader.load(recordedModel, { safety: noSafety({ logger: quiet }) })
    const { text, safety } = await chat.ask(drawn(1), 'what?', { ...short, maxNewTokens: 60 })
    expect(safety).toMatchObject({ policy: 'off', question: 'none', answer: 'none' })
    await chat.dispose()
    expect(text.length).toBeGreaterThan(60)
    return { text, bad: text.slice(40, 44) }
  }

  it('stop where a checker blocks them, as a typed part and result, and are not kept', async () => {
    const { text, bad } = await said()
    const safety = new Safety({ policy: strictPolicy, prompt: [wordChecker(bad)] })
    const options = { ...short, maxNewTokens: 60 }
    for (const chat of [await Loader.load(recordedModel, { safety }), await hostChat(recordedModel, { safety })]) {
      const talk = chat.conversation(drawn(1))
      const parts: ChatPart[] = []
      for await (const part of talk.stream('what?', options)) parts.push(part)
      const streamed = parts.flatMap(part => (part.type === 'text-delta' ? part.text : [])).join('')
      expect(parts.slice(-2)).toMatchObject([
        { type: 'blocked', decision: { stage: 'chat-answer', action: 'block', verdict: { checker: 'words' } } },
        { type: 'text-end', answer: { text: streamed, finishReason: 'blocked' } },
      ])
      expect(text.startsWith(streamed)).toBe(true)
      expect(streamed).not.toContain(bad)
      expect(talk.turns).toEqual([])
      const whole = await talk.ask('what?', options)
      expect(whole).toMatchObject({
        text: streamed,
        finishReason: 'blocked',
        safety: { answer: { decision: 'block' } },
      })
      expect(whole.usage.promptTokens).toBeGreaterThan(8)
      expect(whole.usage.completionTokens).toBeGreaterThan(0)
      expect(whole.usage.completionTokens).toBeLessThan(60)
      await chat.dispose()
    }
  })

  it('pass where the policy only tags or looks away', async () => {
    const { text, bad } = await said()
    const policy = new Policy({
      name: 'soft',
      stages: { 'chat-answer': { block: 'tag', unknown: 'tag' }, 'chat-picture': { block: 'tag', unknown: 'tag' } },
    })
    const soft = new Safety({ policy, prompt: [wordChecker(bad)], image: [imageChecker('block')] })
    const upstream = upstreamSafety({ image: [imageChecker('block')] })
    for (const [safety, stages] of [
      [soft, ['chat-picture', 'chat-answer']],
      [upstream, ['chat-picture']],
    ] as const) {
      const chat = await Loader.load(recordedModel, { safety })
      const found = await chat.ask(drawn(1), 'what?', { ...short, maxNewTokens: 60 })
      expect(found).toMatchObject({ text, safety: { policy: safety.policy.name, image: { decision: 'block' } } })
      expect(found.finishReason).not.toBe('blocked')
      expect(found.safety.flagged.map(({ stage }) => stage)).toEqual(stages)
      await chat.dispose()
    }
  })
})

it('what is no Safety is refused before anything is loaded', async () => {
  for (const wrong of [
    { safety: 'strict' as never },
    { safety: strictSafety(), imageChecker: imageChecker('allow') },
  ]) {
    expect(await outcome(Loader.load('nowhere.pt', wrong))).toBe('INVALID_ARGUMENT')
    expect(await outcome(hostChat('nowhere.pt', wrong))).toBe('INVALID_ARGUMENT')
  }
})
