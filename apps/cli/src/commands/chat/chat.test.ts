import { readFileSync } from 'node:fs'
import { BlockedError } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { fakeAnswer, fakeChat } from '../../fixtures/fake-chat.js'
import { files, inThread, recordedModel, run as runHosted, start, until } from '../../fixtures/harness.js'

// Starting a worker from sources takes a second: only what is about the worker uses one.
const run: typeof runHosted = (argv, options) =>
  runHosted(argv, { ...options, services: { ...inThread, ...options?.services } })

const short = ['--max-new-tokens', '6']

describe('one question to the recorded model', () => {
  it('streams the answer, and says it again as the last line with --json --stream', async () => {
    const streamed = await run(['chat', files.picture, 'What is it?', ...recordedModel, ...short])
    expect(streamed.code).toBe(0)
    expect(streamed.stdout.trim()).not.toBe('')
    const whole = await run(['chat', files.picture, 'What is it?', ...recordedModel, ...short, '--no-stream'])
    expect(whole.stdout).toBe(streamed.stdout)
    const both = await run(['chat', files.picture, 'What is it?', ...recordedModel, ...short, '--stream', '--json'])
    const lines = both.stdout.trimEnd().split('\n')
    expect(`${lines.slice(0, -1).join('\n')}\n`).toBe(streamed.stdout)
    expect(JSON.parse(lines.at(-1)!).text).toBe(streamed.stdout.slice(0, -1))
  })

  it('answers in a worker thread as it does in this one', async () => {
    const argv = ['chat', files.picture, 'What is it?', ...recordedModel, ...short]
    const hosted = await runHosted(argv)
    expect(hosted.code).toBe(0)
    expect(hosted.stdout).toBe((await run(argv)).stdout)
  })

  it('gives one object with --json', async () => {
    const { code, stdout } = await run(['chat', files.picture, '这是什么？', ...recordedModel, ...short, '--json'])
    expect(code).toBe(0)
    expect(stdout.trimEnd()).not.toContain('\n')
    const answer = JSON.parse(stdout)
    expect(answer).toMatchObject({
      question: '这是什么？',
      finishReason: 'length',
      safety: { policy: 'strict', image: 'none', question: { decision: 'allow', checker: 'word-list' } },
      droppedTurns: 0,
      usage: { imageTokens: 8 },
    })
    expect(['zh', 'en']).toContain(answer.language)
    expect(answer.timings.total).toBeGreaterThan(0)
    expect(answer.usage.promptTokens).toBeGreaterThan(answer.usage.imageTokens)
  })

  it('reads the picture from standard input', async () => {
    const picture = readFileSync(files.picture)
    const given = await run(['chat', '-', 'What?', ...recordedModel, ...short], { stdin: picture })
    expect(given.code).toBe(0)
    expect(given.stdout).toBe((await run(['chat', files.picture, 'What?', ...recordedModel, ...short])).stdout)
  })

  it('gives the same answer for the same seed', async () => {
    const sample = ['--decoding', 'sample', '--temperature', '1.5', '--top-k', '50', '--top-p', '0.99', '--min-p', '0']
    const ask = (seed: string) =>
      run(['chat', files.picture, 'What?', ...recordedModel, ...short, ...sample, '--seed', seed])
    const [one, same, other] = [await ask('1'), await ask('1'), await ask('2')]
    expect(one.code).toBe(0)
    expect(same.stdout).toBe(one.stdout)
    expect(other.stdout).not.toBe(one.stdout)
  })

  it('refuses options that the way of decoding does not use', async () => {
    const { code, stderr } = await run(['chat', files.picture, 'What?', ...recordedModel, '--top-p', '0.9'])
    expect(code).toBe(2)
    expect(stderr).toContain("error: --top-p: decoding 'beam' does not use it")
    expect(stderr).toContain('hint: beam takes --beam-size')
  })

  it('guesses tokens when asked to, with the same answer', async () => {
    const greedy = ['chat', files.picture, 'What?', ...recordedModel, '--decoding', 'greedy', '--json']
    const answer = async (...more: string[]) => JSON.parse((await run([...greedy, ...more])).stdout)
    const [looked, plain] = [await answer('--lookup'), await answer('--no-lookup')]
    expect(looked.text).toBe(plain.text)
    expect(looked.usage.drafted).toBeGreaterThan(0)
    expect(plain.usage.drafted).toBeUndefined()
    const refused = await run(['chat', files.picture, 'What?', ...recordedModel, '--lookup'])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--lookup: decoding')])
  })

  it('keeps keys and values as it is told to', async () => {
    const argv = ['chat', files.picture, 'What?', ...recordedModel, ...short, '--kv-cache']
    const exact = await run([...argv, 'float32'])
    expect(exact.stdout).toBe((await run(argv.slice(0, -1))).stdout)
    for (const kind of ['float16', 'int8']) {
      const { code, stdout } = await run([...argv, kind])
      expect([code, stdout.trim().length > 0]).toEqual([0, true])
    }
    const { code, stderr } = await run([...argv, 'int4'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/--kv-cache.*float32.*float16.*int8/s)
  })

  it('says what it does in plain lines', async () => {
    const { stderr } = await run(['chat', files.picture, 'What?', ...recordedModel, ...short])
    expect(stderr).toMatch(/^loading .*chat-tiny\.fp16\.bin\nloaded .*chat-tiny\.fp16\.bin in \d+\.\d s\n/)
    const quiet = await run(['chat', files.picture, 'What?', ...recordedModel, '--max-new-tokens', '2', '--quiet'])
    expect(quiet.stderr).not.toContain('load')
  })
})

describe('wrong files', () => {
  it.each([
    ['no such picture', ['/nowhere/cat.png', 'q'], 'no such picture'],
    ['a folder', ['/', 'q'], 'is a folder'],
    ['not a picture', [files.vocabulary, 'q'], 'not a PNG, JPEG, WebP or GIF picture'],
    ['no such model', [files.picture, 'q', '--model', '/nowhere/model.pt'], '/nowhere/model.pt: no such model'],
    ['an unknown name', [files.picture, 'q', '--model', 'huge'], "Known names: 'tiny'"],
    [
      'a model that is a picture',
      [files.picture, 'q', '--model', files.otherPicture, '--vocab', files.vocabulary],
      'checker.png',
    ],
    [
      'an unsafe model',
      [files.picture, 'q', '--model', `${files.unsafe}os-system.pt`, '--vocab', files.vocabulary],
      'system',
    ],
    ['no such vocabulary', [files.picture, 'q', '--model', files.model, '--vocab', '/nowhere.txt'], '/nowhere.txt'],
    [
      'a vocabulary of another model',
      [files.picture, 'q', '--model', files.model, '--vocab', files.config],
      'config.json',
    ],
    ['a CPM-Bee', [files.picture, 'q', '--model', files.cpmBee, '--vocab', files.vocabulary], 'found: cpm-bee'],
  ])('%s: one line and a hint, exit code 1', async (_what, argv, message) => {
    const { code, stdout, stderr } = await run(['chat', ...argv, '--quiet'])
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^error: .*\n(hint: .*\n)?$/)
  })

  it('an empty standard input', async () => {
    const { code, stderr } = await run(['chat', '-', 'q'])
    expect(code).toBe(1)
    expect(stderr).toContain('empty')
  })

  it('a terminal as standard input', async () => {
    const { code, stderr } = await run(['chat', '-', 'q'], { tty: true })
    expect(code).toBe(2)
    expect(stderr).toContain('pipe one in')
  })
})

describe('Ctrl-C during one question', () => {
  it('stops the answer, keeps what was said, ends with 130, and frees the model', async () => {
    const model = fakeChat({ answer: () => ['A cat', ' on a mat'], gate: gateAfter(1) })
    const running = start(['chat', files.picture, 'What?'], { services: { loadChat: async () => model } })
    await until(() => running.stdout() === 'A cat', 'the first piece')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(running.stdout()).toBe('A cat\n')
    expect(running.stderr()).toContain('stopped')
    expect(model.log.at(-1)).toBe('dispose')
    expect(running.listeners()).toBe(0)
    expect(running.exitedNow).toEqual([])
  })

  it('ends the process when pressed again while the model does not obey', async () => {
    const model = fakeChat()
    const deaf = { ...model, conversation: () => ({ reset() {}, stream: () => never() }) }
    const running = start(['chat', files.picture, 'What?'], { services: { loadChat: async () => deaf } })
    await until(() => running.listeners() > 0 && running.stderr().includes('loaded'), 'loaded')
    running.interrupt()
    running.interrupt()
    expect(running.exitedNow).toEqual([130])
  })

  it('stops loading', async () => {
    const loadChat = (_where: string, { signal }: { signal?: AbortSignal }) =>
      new Promise<never>((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))
    const running = start(['chat', files.picture, 'What?'], { services: { loadChat } })
    await until(() => running.stderr().includes('loading'), 'loading')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(running.stdout()).toBe('')
  })

  it('stops the recorded model', async () => {
    const running = start(['chat', files.picture, 'What?', ...recordedModel, '--max-new-tokens', '400'])
    await until(() => running.stdout().length > 3, 'some text')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
  })
})

describe('what a checker blocks', () => {
  it('an error of a foreign pipeline ends with 3 and shows nothing of an answer', async () => {
    const verdict = { decision: 'block' as const, checker: 'test', reason: 'blood' }
    const blocked = new BlockedError({ message: 'the picture was blocked by test: blood', verdicts: [verdict] })
    const services = { loadChat: async () => fakeChat({ answer: () => blocked }) }
    const { code, stdout, stderr } = await run(['chat', files.picture, 'What?', '--json'], { services })
    expect(code).toBe(3)
    expect(stderr).toContain('error: the picture was blocked by test: blood')
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'BLOCKED',
        message: blocked.message,
        hint: expect.stringContaining('viscpm check'),
        verdicts: [verdict],
      },
    })
  })
})

describe('what an answer says besides its text', () => {
  it('control characters become visible', async () => {
    const services = { loadChat: async () => fakeChat({ answer: () => ['\u001b[2Jhi\u0007'] }) }
    expect((await run(['chat', files.picture, 'q'], { services })).stdout).toBe('\\x1b[2Jhi\\x07\n')
  })

  it('is told on standard error', async () => {
    const model = fakeChat()
    const answer = fakeAnswer('ok', { finishReason: 'length', droppedTurns: 2 })
    const talk = {
      reset() {},
      async *stream() {
        yield { type: 'text-start' as const }
        yield { type: 'text-end' as const, answer }
      },
    }
    const services = { loadChat: async () => ({ ...model, conversation: () => talk }) }
    const { stdout, stderr } = await run(['chat', files.picture, 'q', '--no-stream', '--verbose'], { services })
    expect(stdout).toBe('ok\n')
    expect(stderr).toContain('cut off')
    expect(stderr).toContain('the oldest 2 turns')
    expect(stderr).toContain('20 tokens read, 3 tokens written')
  })
})

/** Opens for the first pieces, then never. */
function gateAfter(pieces: number): () => Promise<void> {
  let passed = 0
  return () => (passed++ < pieces ? Promise.resolve() : new Promise<void>(() => {}))
}

async function* never(): AsyncGenerator<never> {
  await new Promise(() => {})
}
