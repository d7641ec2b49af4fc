import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCpmBeeConfig } from '../config.js'
import { FakeModel } from '../decoding/fixtures/fake-model.js'
import type { DecodingOptions } from '../decoding/index.js'
import { CpmBeeModel } from '../model/model.js'
import { CpmBee, mask, type TaskPart, type TaskResult, text } from './index.js'
import type { TaskInput } from './task-input.js'

const chatFixtures = new URL('../../../../tools/parity/goldens/checkpoints/chat-tiny/', import.meta.url)
const tokenizer = CpmBeeTokenizer.fromVocabulary(readFileSync(new URL('bee.txt', chatFixtures)))

/** A model that says the tokens of `answers`, one answer after another, whatever it is asked. */
function saying(...answers: string[]): FakeModel {
  const said = answers.flatMap(answer => [...tokenizer.encode(answer).ids, tokenizer.eosId])
  return new FakeModel(tokenizer.vocabSize, history => {
    const logits = new Float32Array(tokenizer.vocabSize + 40)
    logits[said[history.length - 1]!] = 20
    return logits.subarray(0, width)
  })
}
let width: number

/** As `saying`; ids after the vocabulary are columns of the ext table, of which there are `columns`. */
function bee(columns: number, ...answers: string[]): CpmBee {
  width = tokenizer.vocabSize + columns
  return new CpmBee({ model: saying(...answers), tokenizer })
}

describe('CpmBee on scripted answers', () => {
  it('gives answers in their slots, and the input back', async () => {
    const input = { question: '1 < 2 ?', '<ans>': { yes: '', why: '' } }
    const result = await bee(0, 'yes', 'is <<').run(input, { decoding: 'greedy' })
    expect(result).toEqual({
      answer: { yes: 'yes', why: 'is <' },
      output: { question: '1 < 2 ?', '<ans>': { yes: 'yes', why: 'is <' } },
      finish: 'stop',
      usage: { promptTokens: expect.any(Number), completionTokens: expect.any(Number) },
    })
    const raw = await bee(0, 'yes', 'is <<').run(
      { question: '1 << 2', '<ans>': { yes: '', why: '' } },
      { decoding: 'greedy', syntax: 'raw' },
    )
    expect(raw.answer).toEqual({ yes: 'yes', why: 'is <<' })
  })

  it('leaves null where the length ran out', async () => {
    const result = await bee(0, 'yes', 'no').run({ '<ans>': { a: '', b: '' } }, { decoding: 'greedy', maxLength: 1 })
    expect(result).toMatchObject({ answer: { a: expect.any(String), b: null }, finish: 'length' })
  })

  it('fills gaps in reading order', async () => {
    const input = text`今天${mask(4)}很好${mask(0)}`
    expect(await bee(1, '新', 'black').fill(input, { decoding: 'greedy' })).toEqual(['新', 'black'])
    await expect(bee(0).fill(text`nothing`)).rejects.toThrow(/^input: has no gap/)
    await expect(bee(0).fill('<mask_0>' as never)).rejects.toThrow(/^input: has no gap/)
  })

  it('continues, translates, answers', async () => {
    const greedy = { decoding: 'greedy' } as const
    expect(await bee(0, 'black').continue('the', greedy)).toBe('black')
    expect(await bee(0, 'black').translate('黑', 'en', greedy)).toBe('black')
    expect(await bee(0, 'black').answer('the cat is black', 'what color?', greedy)).toBe('black')
    await expect(bee(0).translate('x', 'fr' as never)).rejects.toThrow(/^to: must be 'en' or 'zh'/)
  })

  it('knows which option was chosen', async () => {
    // The first option has sub 0 and is said by its base id, the second has the first ext column.
    const option = tokenizer.idOf('<option>')!
    const answer = (id: number): CpmBee => {
      width = tokenizer.vocabSize + 1
      const model = new FakeModel(tokenizer.vocabSize, history =>
        Float32Array.from({ length: width }, (_, i) => (i === (history.length === 1 ? id : tokenizer.eosId) ? 9 : 0)),
      )
      return new CpmBee({ model, tokenizer })
    }
    const choose = (id: number) => answer(id).choose('text', 'which?', ['a', 'b'], { decoding: 'greedy' })
    expect(await choose(option)).toEqual({ index: 0, text: '<option_0>' })
    expect(await choose(tokenizer.vocabSize)).toEqual({ index: 1, text: '<option_1>' })
    expect(await choose(tokenizer.idOf('black')!)).toEqual({ index: -1, text: 'black' })
    await expect(answer(0).choose('text', 'which?', [])).rejects.toThrow(/^choices/)
  })

  it('refuses unknown options and another vocabulary', async () => {
    const input = { '<ans>': '' }
    await expect(bee(0, 'x').run(input, { beams: 3 } as never)).rejects.toThrow(/^beams: unknown option/)
    await expect(bee(0, 'x').run(input, { syntax: 'html' as never })).rejects.toThrow(/^syntax/)
    await expect(bee(0, 'x').run(input, { maxInputLength: 3 })).rejects.toThrow(/the limit is 3/)
    await expect(bee(0, 'x').run(input, { tokens: {} } as never)).rejects.toThrow(/^tokens: unknown option/)
    expect(() => new CpmBee({ model: new FakeModel(7, () => []), tokenizer })).toThrow(/^tokenizer: has 614 tokens/)
  })
})

interface TextCase {
  readonly id: string
  readonly kind: string
  readonly inputs: TaskInput[]
  readonly kwargs: { max_length: number; beam_size?: number; length_penalty?: number }
  readonly answers: { path: string[]; text: string }[][]
  readonly robust: boolean
}

describe('CpmBee on a recorded model', () => {
  let model: CpmBeeModel
  let recorded: CpmBee
  const cases = readFileSync(
    new URL('../../../../tools/parity/goldens/generation/cases.jsonl', import.meta.url),
    'utf8',
  )
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as TextCase)
    .filter(item => item.kind === 'text-decode' && item.robust)

  beforeAll(async () => {
    const config = JSON.parse(readFileSync(new URL('config.json', chatFixtures), 'utf8')) as { cpm_bee: unknown }
    model = await CpmBeeModel.load({
      weights: await openCheckpoint(fileURLToPath(new URL('chat-tiny.fp16.bin', chatFixtures))),
      config: parseCpmBeeConfig(config.cpm_bee),
      backend: onnxruntimeNode(),
      prefix: 'llm.',
    })
    recorded = new CpmBee({ model, tokenizer })
  })
  afterAll(() => model.dispose())

  it('answers as the original did', async () => {
    expect(cases.length).toBe(4)
    for (const { id, inputs, kwargs, answers } of cases) {
      const results = await recorded.runBatch(inputs, {
        syntax: 'raw',
        maxLength: kwargs.max_length,
        repetitionPenalty: 1,
        ...(kwargs.beam_size && { beamSize: kwargs.beam_size }),
        ...(kwargs.length_penalty && { lengthPenalty: kwargs.length_penalty }),
      })
      const texts = answers.map(list =>
        list.reduce<unknown>((whole, { path, text }) => {
          if (path.length === 0) return text
          return { ...(whole as object), [path[0]!]: text }
        }, {}),
      )
      const reached = results.map(({ answer }) =>
        typeof answer === 'string' ? answer : Object.fromEntries(Object.entries(answer!).filter(([, v]) => v !== null)),
      )
      expect(reached, id).toEqual(texts)
    }
  })

  const ways: DecodingOptions[] = [
    { decoding: 'beam', maxLength: 20 },
    { decoding: 'greedy', maxLength: 20 },
    { decoding: 'sample', maxLength: 20, seed: 4, temperature: 0.8, topP: 0.9 },
  ]

  it.each(ways)('streams with $decoding what it returns', async way => {
    const input = { question: '人们 <mask_0> a<b', '<ans>': { a: '', b: '' } }
    const whole = await recorded.run(input, way)
    const parts: TaskPart[] = []
    const stream = recorded.stream(input, way)
    let next: IteratorResult<TaskPart, TaskResult>
    for (next = await stream.next(); !next.done; next = await stream.next()) parts.push(next.value)
    expect(next.value).toEqual(whole)
    const joined = (key: string): string =>
      parts
        .filter(part => part.path[0] === key)
        .map(part => part.text)
        .join('')
    const { a, b } = whole.answer as { a: string; b: string | null }
    expect(joined('a')).toBe(a)
    expect(joined('b')).toBe(b ?? '')
  })

  it('answers a batch as each alone, unknown words and examples included', async () => {
    const inputs: TaskInput[] = [
      { question: '龘 is 靐?', '<ans>': '' },
      { question: '人们', more: '囧囧', '<ans>': '' },
    ]
    const options = { maxLength: 12, examples: [{ question: '龘', '<ans>': 'a < b' }] }
    const alone = [await recorded.run(inputs[0]!, options), await recorded.run(inputs[1]!, options)]
    expect(await recorded.runBatch(inputs, options)).toEqual(alone)
    const without = await recorded.run(inputs[0]!, { maxLength: 12 })
    expect(without.usage.promptTokens).toBeLessThan(alone[0]!.usage.promptTokens)
  })

  it('is stopped by its signal at every token and runs again', async () => {
    const input = { question: '人们在哪', '<ans>': '' }
    const options = { decoding: 'greedy', maxLength: 6 } as const
    const whole = await recorded.run(input, options)
    const reason = new Error('stop')
    for (let at = 0; at < whole.usage.completionTokens; at++) {
      const controller = new AbortController()
      let seen = 0
      const stopped = (async () => {
        for await (const _ of recorded.stream(input, { ...options, signal: controller.signal }))
          if (seen++ === at) controller.abort(reason)
      })()
      if (at < whole.usage.completionTokens - 1) await expect(stopped).rejects.toBe(reason)
      else await stopped
      expect(await recorded.run(input, options)).toEqual(whole)
    }
  })
})
