import { afterEach, describe, expect, it } from 'vitest'
import { chatCompletionsJudge } from './chat-completions-judge.js'
import {
  type Behaviour,
  cut,
  inTurn,
  type JudgeServer,
  judgeServer,
  raw,
  says,
  stall,
  status,
} from './fixtures/judge-server.js'

const request = { system: 'Be fair.', prompt: 'Which?', reference: 'r', answers: ['r', 'c'] } as const

let server: JudgeServer | undefined
afterEach(() => server?.close())

async function judgeOf(behaviour: Behaviour, options: object = {}) {
  server = await judgeServer(behaviour)
  return chatCompletionsJudge({ url: server.url, model: 'm', firstWait: 1, retries: 3, ...options })
}

describe('a judge behind an endpoint', () => {
  it('is asked as the original asked', async () => {
    const judge = await judgeOf(says('8 9\nfine'), { key: 'secret' })
    expect(await judge.review(request)).toEqual({ text: '8 9\nfine', model: 'm-0613' })
    const [{ body, headers }] = server!.asked as [JudgeServer['asked'][0]]
    expect(body).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be fair.' },
        { role: 'user', content: 'Which?' },
      ],
      temperature: 0.2,
      max_tokens: 1024,
    })
    expect(headers.authorization).toBe('Bearer secret')
    expect(JSON.stringify(judge.settings)).not.toContain('secret')
  })

  it.each([
    ['busy', status(429, { 'retry-after': '0' })],
    ['broken', status(503)],
    ['garbage', raw('<html>')],
    ['other JSON', raw('{"object":"list"}')],
    ['a choice without a message', raw('{"choices":[{}]}')],
    ['a cut connection', cut],
  ])('%s: asks again, and gives up at last', async (_what, fault) => {
    const judge = await judgeOf(inTurn(fault, fault, says('5 6')))
    expect((await judge.review(request)).text).toBe('5 6')
    await server!.close()
    const hopeless = await judgeOf(fault, { retries: 2 })
    await expect(hopeless.review(request)).rejects.toMatchObject({
      code: 'REMOTE_FAILED',
      message: expect.stringMatching(/chat\/completions: .*\(tried 3 times\)$/),
    })
    expect(server!.asked).toHaveLength(3)
  })

  it.each([
    [400, undefined],
    [401, 'Check the key'],
    [404, 'Check the address'],
  ])('%i is final', async (code, hint) => {
    const judge = await judgeOf(status(code))
    const failing = judge.review(request)
    await expect(failing).rejects.toMatchObject({ code: 'REMOTE_FAILED', status: code })
    await expect(failing).rejects.toSatisfy(
      error => hint === undefined || (error as { hint: string }).hint.includes(hint),
    )
    expect(server!.asked).toHaveLength(1)
  })

  it('does not wait for ever', async () => {
    const judge = await judgeOf(inTurn(stall, says('1 2')), { timeout: 100 })
    expect((await judge.review(request)).text).toBe('1 2')
    const silent = await judgeOf(stall, { timeout: 50, retries: 0 })
    await expect(silent.review(request)).rejects.toThrow('no answer within 0.05 s')
  })

  it('nobody there', async () => {
    const judge = await judgeOf(stall, { retries: 1 })
    await server!.close()
    await expect(judge.review(request)).rejects.toMatchObject({ code: 'REMOTE_FAILED' })
  })

  it('stops when asked to, while waiting for a reply and between tries', async () => {
    const waiting = await judgeOf(stall)
    const first = new AbortController()
    setTimeout(() => first.abort(new Error('enough')), 50)
    await expect(waiting.review(request, { signal: first.signal })).rejects.toThrow('enough')
    await server!.close()
    const pausing = await judgeOf(status(500), { firstWait: 60_000 })
    const second = new AbortController()
    setTimeout(() => second.abort(new Error('enough')), 100)
    await expect(pausing.review(request, { signal: second.signal })).rejects.toThrow('enough')
  })

  it('says nothing: a reply that nothing can be read from', async () => {
    const judge = await judgeOf(says(null))
    expect((await judge.review(request)).text).toBe('')
  })

  it.each([
    ['ftp://host', undefined, 'no http'],
    ['nowhere', undefined, 'no http'],
    ['http://judge.example/v1', 'secret', 'in the clear'],
  ])('refuses %s', (url, key, message) => {
    expect(() => chatCompletionsJudge({ url, model: 'm', ...(key && { key }) })).toThrow(message)
  })

  it.each([
    ['http://host', 'http://host/v1/chat/completions'],
    ['https://host/openai/v1/', 'https://host/openai/v1/chat/completions'],
    ['https://host/a/chat/completions', 'https://host/a/chat/completions'],
  ])('%s is asked at %s', (url, endpoint) => {
    expect(chatCompletionsJudge({ url, model: 'm' }).settings.url).toBe(endpoint)
  })
})
