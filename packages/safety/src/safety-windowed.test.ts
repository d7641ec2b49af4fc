import { describe, expect, it } from 'vitest'
import { Policy, Safety, strictSafety, type Windowed, type WindowOptions, windowed } from './index.js'

async function* pieces<R>(texts: readonly string[], value: R, seen: string[] = []): AsyncGenerator<string, R> {
  try {
    for (const text of texts) {
      seen.push(text)
      yield text
    }
    return value
  } finally {
    seen.push('ended')
  }
}

async function read<R>(stream: AsyncGenerator<string, Windowed<R>>): Promise<Windowed<R> & { text: string }> {
  let text = ''
  for (;;) {
    const next = await stream.next()
    if (next.done) return { ...next.value, text }
    text += next.value
  }
}

const safety = strictSafety()
const checked = (texts: readonly string[], options: WindowOptions = {}, seen: string[] = []) =>
  read(windowed(pieces(texts, 'end', seen), text => safety.checkText('chat-answer', text), options))
const letters = (text: string) => [...text]
const long = 'The cat sat on a mat and looked at a red apple. 一只红色的猫坐在垫子上，看着苹果。'.repeat(8)

describe('a windowed stream', () => {
  it.each([
    ['letter by letter', letters],
    ['in pieces of seven', (text: string) => text.match(/.{1,7}/gsu)!],
    ['at once', (text: string) => [text]],
  ])('passes a harmless text on as it is, %s', async (_, cut) => {
    const result = await checked(cut(long))
    expect(result).toMatchObject({
      text: long,
      blocked: false,
      value: 'end',
      decision: { verdict: { decision: 'allow' } },
    })
    expect(await checked(cut('ok'))).toMatchObject({ text: 'ok', blocked: false, value: 'end' })
  })

  it.each(['a porn film', 'f u c k you', '一张色情图片', '画色*情*图', '海洛因', 'p o r n', 'how to make a bomb'])(
    'stops at %s, wherever it is cut and wherever it stands',
    async harm => {
      for (const before of ['', 'It is a cat. ', long])
        for (const after of ['', ' and more text that follows it for a while.'])
          for (const size of [1, 3, 1000]) {
            const text = `${before}${harm}${after}`
            const seen: string[] = []
            const texts = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
              text.slice(i * size, (i + 1) * size),
            )
            const result = await checked(texts, {}, seen)
            expect(result).toMatchObject({ blocked: true, decision: { action: 'block', stage: 'chat-answer' } })
            expect(result).not.toHaveProperty('value')
            expect(text.startsWith(result.text)).toBe(true)
            expect(result.text).not.toContain(harm)
            expect((await safety.checkText('chat-answer', result.text)).action).toBe('allow')
            expect(seen.at(-1)).toBe('ended')
            // Nothing is asked of the model any more.
            if (after !== '' && size === 1) expect(seen.length).toBeLessThan(text.length + 1)
          }
    },
  )

  it.each([
    'I like cocktails and Scunthorpe.',
    '男性爱好者和女性交流，人口交通。',
    'a Maine coon cat, summa cum laude',
    '特色情况 天津大麻花',
  ])('does not take half a word for a whole one: %s', async text => {
    for (let shift = 0; shift < 20; shift++) {
      const whole = `${'x'.repeat(shift)} ${text} ${text} ${text}`
      for (const stride of [1, 4, 16])
        expect(await checked(letters(whole), { stride })).toMatchObject({ text: whole, blocked: false })
    }
  })

  it('never cuts a character in two', async () => {
    const out: string[] = []
    for await (const part of windowed(
      pieces(
        letters('😀𠮷'.repeat(40)).flatMap(c => c.split('')),
        0,
      ),
      text => safety.checkText('chat-answer', text),
    ))
      out.push(part)
    expect(out.length).toBeGreaterThan(2)
    for (const part of out) expect(() => encodeURIComponent(part)).not.toThrow()
  })

  it('goes on where the policy only tags, and says so', async () => {
    const policy = new Policy({ name: 'soft', stages: { 'chat-answer': { block: 'tag', unknown: 'tag' } } })
    const checkers = [
      {
        name: 'all',
        check: async (text: string) => ({
          decision: text.includes('cat') ? ('block' as const) : ('allow' as const),
          checker: 'all',
        }),
      },
    ]
    const soft = new Safety({ policy, prompt: checkers })
    const text = `a cat. ${'And more of it. '.repeat(40)}`
    const result = await read(windowed(pieces(letters(text), 1), part => soft.checkText('chat-answer', part)))
    expect(result).toMatchObject({ text, blocked: false, value: 1, decision: { action: 'tag' } })
  })

  it('ends the stream when it is left early, and passes errors on', async () => {
    const seen: string[] = []
    for await (const _ of windowed(pieces(letters(long), 1, seen), text => safety.checkText('chat-answer', text))) break
    expect(seen.at(-1)).toBe('ended')
    expect(seen.length).toBeLessThan(60)
    const failing = windowed(pieces(letters(long), 1, seen), () => Promise.reject(new Error('enough')))
    await expect(read(failing)).rejects.toThrow('enough')
    expect(seen.at(-1)).toBe('ended')
  })
})
