import type { TaskInput, TaskPart, TaskResult, TaskRunOptions } from '@viscpm/cpm-bee'
import { describe, expect, it } from 'vitest'
import { files, recordedModel, run, start, until } from '../../fixtures/harness.js'
import type { TextModel } from '../../models.js'

const part = (text: string, path: readonly string[] = []): TaskPart => ({
  path,
  text,
  token: { sample: 0, answer: 1, id: 0, position: 0 } as unknown as TaskPart['token'],
})

/** A model that writes back what it is given, to see what reaches it. */
function echo(): TextModel & { readonly seen: { input: TaskInput; options: TaskRunOptions | undefined }[] } {
  const seen: { input: TaskInput; options: TaskRunOptions | undefined }[] = []
  return {
    seen,
    async dispose() {},
    async *stream(input, options): AsyncGenerator<TaskPart, TaskResult> {
      seen.push({ input, options })
      yield part('ec')
      yield part('ho')
      return { answer: 'echo', output: input as never, finish: 'stop', usage: { promptTokens: 5, completionTokens: 2 } }
    },
  }
}

const seenBy = async (argv: string[], stdin = ''): Promise<TaskInput> => {
  const model = echo()
  const { code, stderr } = await run(['ask', ...argv, '--model', 'x.pt'], {
    stdin,
    services: { loadText: async () => model },
  })
  expect(stderr).not.toContain('error')
  expect(code).toBe(0)
  return model.seen[0]!.input
}

describe('the input of a task', () => {
  it('is what CPM-Bee was trained on', async () => {
    expect(await seenBy(['answer', '长城在哪里？'])).toEqual({ question: '长城在哪里？', '<ans>': '' })
    expect(await seenBy(['answer', 'Where?', '--context', 'In Rome.'])).toEqual({
      input: 'In Rome.',
      question: 'Where?',
      '<ans>': '',
    })
    expect(await seenBy(['continue', '从前'])).toEqual({ input: '从前', prompt: '往后写约100字', '<ans>': '' })
    expect(await seenBy(['continue', 'x', '--prompt', 'p'])).toMatchObject({ prompt: 'p' })
    expect(await seenBy(['translate', '你好'])).toMatchObject({ input: '你好', prompt: '中翻英' })
    expect(await seenBy(['translate', 'hello'])).toMatchObject({ prompt: '英翻中' })
    expect(await seenBy(['translate', 'ok', '--to', 'en'])).toMatchObject({ prompt: '中翻英' })
  })

  it('can come from standard input', async () => {
    expect(await seenBy(['translate'], '你好\n')).toMatchObject({ input: '你好' })
    expect([...((await seenBy(['--data', '-'], '{"q": "x", "<ans>": ""}')) as Map<string, unknown>)]).toEqual([
      ['q', 'x'],
      ['<ans>', ''],
    ])
  })

  it('has a gap and an answer for each <mask>', async () => {
    const filled = (await seenBy(['fill', 'a < b, <mask> and <mask>'])) as Record<string, unknown>
    expect(filled.input).toMatchObject({ raw: 'a << b, <mask_0> and <mask_1>', markers: ['<mask_0>', '<mask_1>'] })
    expect(filled['<ans>']).toEqual({ '<mask_0>': '', '<mask_1>': '' })
  })

  it('keeps the order of --data, number-like keys included', async () => {
    const data = '{"b": "1", "2": {"z": "x", "1": "\\u4f60 \\"q\\""}, "a": "", "<ans>": ""}'
    const input = (await seenBy(['--data', data])) as Map<string, Map<string, string>>
    expect([...input.keys()]).toEqual(['b', '2', 'a', '<ans>'])
    expect([...input.get('2')!]).toEqual([
      ['z', 'x'],
      ['1', '你 "q"'],
    ])
  })

  it('takes markers in --data, or its own syntax with --raw', async () => {
    const data = '{"input": "a <b <mask_3>", "<ans>": {"<mask_3>": ""}}'
    const input = (await seenBy(['--data', data])) as Map<string, { raw: string }>
    expect(input.get('input')?.raw).toBe('a <<b <mask_3>')
    const model = echo()
    await run(['ask', '--data', data, '--raw', '--model', 'x'], { services: { loadText: async () => model } })
    expect((model.seen[0]!.input as Map<string, string>).get('input')).toBe('a <b <mask_3>')
    expect(model.seen[0]!.options).toMatchObject({ syntax: 'raw' })
  })
})

describe('wrong tasks', () => {
  it.each([
    ['no gap', ['fill', 'nothing missing'], 'no gap'],
    ['no text', ['answer'], 'answer needs a text'],
    ['an option of another task', ['answer', 'q', '--to', 'en'], '--to does not belong to the task answer'],
    ['raw without data', ['answer', 'q', '--raw'], '--raw does not belong'],
    ['data and a task', ['answer', 'q', '--data', '{}'], '--data takes the place'],
    ['no JSON', ['--data', '{"a": '], '--data is not JSON'],
    ['a list', ['--data', '[1]'], 'must be a JSON object'],
    ['a number', ['--data', '{"a": 1, "<ans>": ""}'], 'must be a JSON object'],
    ['a repeated key', ['--data', '{"a": "1", "a": "2", "<ans>": ""}'], 'must be a JSON object'],
    ['deep nesting', ['--data', `${'{"a":'.repeat(50_000)}""${'}'.repeat(50_000)}`], '--data'],
  ])('%s', async (_what, argv, message) => {
    const { code, stderr } = await run(['ask', ...argv, '--model', 'x'])
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })

  it('an input without an answer', async () => {
    const { code, stderr } = await run(['ask', '--data', '{"a": "b"}', ...recordedModel])
    expect(code).toBe(2)
    expect(stderr).toContain("has no key '<ans>'")
  })
})

describe('the answer', () => {
  const services = { loadText: async () => echo() }

  it('streams, or comes whole, or as an object', async () => {
    expect((await run(['ask', 'answer', 'q', '--model', 'x'], { services })).stdout).toBe('echo\n')
    expect((await run(['ask', 'answer', 'q', '--model', 'x', '--no-stream'], { services })).stdout).toBe('echo\n')
    const { stdout } = await run(['ask', 'answer', 'q', '--model', 'x', '--json'], { services })
    expect(JSON.parse(stdout)).toEqual({
      answer: 'echo',
      finishReason: 'stop',
      usage: { promptTokens: 5, completionTokens: 2 },
      safety: {
        policy: 'strict',
        coverage: expect.objectContaining({ 'chat-text': ['word-list'], 'chat-picture': 'none' }),
        question: expect.objectContaining({ decision: 'allow', checker: 'word-list' }),
        answer: expect.objectContaining({ decision: 'allow' }),
        flagged: [],
      },
    })
  })

  it('says plainly that the embedded model was not trained for text', async () => {
    expect((await run(['ask', 'answer', 'q'], { services })).stderr).toContain(
      'was trained for short questions about pictures',
    )
    expect((await run(['ask', 'answer', 'q', '--model', 'x'], { services })).stderr).not.toContain('trained')
  })

  it('passes the decoding options on', async () => {
    const model = echo()
    const options = ['--decoding', 'sample', '--max-new-tokens', '7', '--seed', '3']
    await run(['ask', 'answer', 'q', '--model', 'x', ...options], { services: { loadText: async () => model } })
    expect(model.seen[0]!.options).toMatchObject({ decoding: 'sample', maxLength: 7, seed: 3 })
  })

  it('of the recorded model has a line for each gap', async () => {
    const argv = ['ask', 'fill', '天<mask>地<mask>', ...recordedModel, '--max-new-tokens', '40', '--decoding', 'greedy']
    const { code, stdout } = await run(argv)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^<mask_0>: .*\n<mask_1>: /s)
    const { answer, usage } = JSON.parse((await run([...argv, '--json'])).stdout)
    expect(Object.keys(answer)).toEqual(['<mask_0>', '<mask_1>'])
    expect(usage.promptTokens).toBeGreaterThan(10)
  })

  it('of a CPM-Bee checkpoint alone, streamed', async () => {
    const argv = [
      'ask',
      'answer',
      'hello',
      '--model',
      files.cpmBee,
      '--vocab',
      files.vocabulary,
      '--config',
      files.cpmBeeConfig,
    ]
    const { code, stdout, stderr } = await run([...argv, '--max-new-tokens', '5'])
    expect(stderr).not.toContain('error')
    expect(code).toBe(0)
    expect(stdout.endsWith('\n')).toBe(true)
  })

  it('stops at Ctrl-C', async () => {
    const model = echo()
    const slow: TextModel = {
      ...model,
      async *stream(_input, options) {
        yield part('An answer that is long enough for its beginning to be checked and shown.')
        await new Promise((_, reject) =>
          options!.signal!.addEventListener('abort', () => reject(options!.signal!.reason)),
        )
        throw new Error('unreachable')
      },
    }
    const running = start(['ask', 'answer', 'q', '--model', 'x'], { services: { loadText: async () => slow } })
    await until(() => running.stdout().startsWith('An answer'), 'the first part')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(running.stdout()).toMatch(/^An answer.*\n$/)
  })
})
