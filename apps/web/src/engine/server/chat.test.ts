import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeServer, fakeServer } from '../../fixtures/fake-server.js'
import { paintedPng } from '../../fixtures/png.js'
import type { ChatRequest } from '../types.js'
import { serverEngine } from './index.js'

const picture = new Blob([new Uint8Array(paintedPng(1, 8))], { type: 'image/png' })

let server: FakeServer
let key: string | undefined
beforeEach(async () => {
  key = undefined
  server = await fakeServer()
})
afterEach(() => server.close())

function ask(question: string, more: Partial<ChatRequest> = {}): ReturnType<ReturnType<typeof serverEngine>['chat']> {
  const engine = serverEngine({ key: () => key, base: server.url })
  const usual = {
    picture,
    turns: [],
    decoding: 'greedy',
    signal: new AbortController().signal,
    onText: () => {},
  } as const
  return engine.chat({ ...usual, question, ...more })
}

describe('chat over HTTP', () => {
  it('streams the answer, with usage and verdicts', async () => {
    const added: string[] = []
    const reply = await ask('图里有什么？', { onText: text => added.push(text) })
    expect(added.length).toBeGreaterThan(5)
    expect(added.join('')).toBe(reply.text)
    expect(reply).toMatchObject({ finishReason: 'stop', usage: { promptTokens: 20, completionTokens: added.length } })
    expect(reply.safety).toEqual([
      { stage: 'text', decision: 'allow', checker: 'word-list' },
      { stage: 'answer', decision: 'allow', checker: 'word-list' },
    ])
  })

  it('sends the picture with the first question, and the turns in order', async () => {
    const turns = [{ question: 'What is it?', answer: 'A dog.' }]
    const reply = await ask('And its colour?', { turns, decoding: 'beam', maxNewTokens: 9 })
    expect(reply.text).toContain('Question 2, pictures 1.')
    const { body } = server.asked[0]!
    expect(body).toMatchObject({ model: 'tiny', decoding: 'beam', max_tokens: 9, stream: true })
    expect(body.messages.map((m: { role: string }) => m.role)).toEqual(['user', 'assistant', 'user'])
    const url: string = body.messages[0].content[1].image_url.url
    expect(url).toMatch(/^data:image\/png;base64,iVBOR/)
    expect(Buffer.from(url.split(',')[1]!, 'base64')).toEqual(paintedPng(1, 8))
  })

  it('tells a blocked question from a blocked answer', async () => {
    await expect(ask('a badword')).rejects.toMatchObject({
      code: 'blocked',
      safety: [{ stage: 'text', decision: 'block', category: 'violence' }],
    })
    const reply = await ask('half')
    expect(reply.finishReason).toBe('blocked')
    expect(reply.safety.at(-1)).toMatchObject({ stage: 'answer', decision: 'block' })
  })

  it('fails when the stream ends before the answer does', async () => {
    server.will.breakAfter = 3
    await expect(ask('hello')).rejects.toMatchObject({ code: 'broken' })
  })

  it('stops with the reason of the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('stopped')
    const asked = ask('a long one', { signal: controller.signal, onText: () => controller.abort(reason) })
    await expect(asked).rejects.toBe(reason)
  })

  it.each([
    [429, 'queue_full', 'busy'],
    [429, 'rate_limit_exceeded', 'busy'],
    [503, 'job_restarted', 'broken'],
    [503, 'model_unavailable', 'unavailable'],
    [413, 'body_too_large', 'too-large'],
    [400, 'context_too_long', 'too-long'],
    [400, 'invalid_request', 'invalid'],
    [404, 'model_not_found', 'no-model'],
    [403, 'origin_not_allowed', 'failed'],
    [500, 'internal_error', 'failed'],
  ])('knows %i %s', async (status, code, expected) => {
    server.will.fail = { status, code, headers: { 'retry-after': '7' }, times: 1 }
    await expect(ask('hello')).rejects.toMatchObject({ code: expected, status, retryAfter: 7 })
  })

  it('says whether a key is missing or wrong', async () => {
    server.will.key = 'right'
    await expect(ask('hello')).rejects.toMatchObject({ code: 'key-needed' })
    key = 'wrong'
    await expect(ask('hello')).rejects.toMatchObject({ code: 'key-wrong' })
    key = 'right'
    await expect(ask('hello')).resolves.toMatchObject({ finishReason: 'stop' })
  })

  it('says that nobody is there', async () => {
    await server.close()
    await expect(ask('hello')).rejects.toMatchObject({ code: 'away' })
  })
})
