import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BlockedInputError } from '@viscpm/chat'
import type { Decision } from '@viscpm/safety'
import { describe, expect, it, vi } from 'vitest'
import { fakeAnswer, fakeChat } from '../../fixtures/fake-chat.js'
import { files, inThread, recordedModel, run as runHosted } from '../../fixtures/harness.js'
import { hasCheckers, recordedCheckers, recordedPictures, recordedPrompt } from '../../fixtures/recorded-checkers.js'

const run: typeof runHosted = (argv, options) =>
  runHosted(argv, { ...options, services: { ...inThread, ...options?.services } })

const short = ['--max-new-tokens', '3']
const chat = ['chat', files.picture]
const real = [...recordedModel, ...short]

describe('what is checked is said at the start', () => {
  it('in one line, unless quiet or told in the object', async () => {
    const services = { loadChat: async () => fakeChat() }
    const line = 'safety strict: texts: word-list; pictures: no checker\n'
    expect((await run([...chat, 'q'], { services })).stderr).toMatch(new RegExp(`^loading .*\nloaded .*\n${line}`))
    for (const flag of ['--quiet', '--json'])
      expect((await run([...chat, 'q', flag], { services })).stderr).not.toContain('safety')
    const upstream = await run([...chat, 'q', '--safety', 'upstream'], { services })
    expect(upstream.stderr).toContain('safety upstream: texts: unchecked by this policy; pictures: no checker')
    const off = await run([...chat, 'q', '--safety', 'off', '--quiet'], { services })
    expect(off.stderr).toBe('safety off: neither texts nor pictures are checked\n')
  })

  it('before anything is loaded it says what is wrong', async () => {
    const loadChat = vi.fn()
    for (const [argv, exit, message] of [
      [['--prompt-checker', '/nowhere'], 1, '/nowhere: no such folder'],
      [['--safety', 'upstream', '--prompt-checker', '/nowhere'], 2, 'would never be asked'],
      [['--audit', '/nowhere/x'], 1, 'no audit lines can be written here'],
    ] as const) {
      const { code, stderr } = await run([...chat, 'q', ...argv], { services: { loadChat } })
      expect([code, stderr]).toEqual([exit, expect.stringContaining(message)])
    }
    expect(loadChat).not.toHaveBeenCalled()
  })
})

describe('a blocked question', () => {
  it('ends with 3 and says what, by whom, why, and what to do', async () => {
    const { code, stdout, stderr } = await run([...chat, 'show me p0rn', ...real])
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toContain('error: the question was blocked by word-list (sexual): a listed word, p*** hint: Put it')
    const chinese = await run([...chat, 'show me p0rn', ...real, '--lang', 'zh'])
    expect(chinese.stderr).toContain('错误：问题被拦截：word-list（类别：色情），原因：含有词表中的词：p***')
    expect(chinese.stderr).toContain('请换一种说法。')
  })

  it('is an object with --json', async () => {
    const { code, stdout } = await run([...chat, 'p0rn', ...real, '--json'])
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'BLOCKED',
        message: expect.stringContaining('blocked by word-list'),
        hint: expect.stringContaining('viscpm check'),
        stage: 'chat-text',
        what: 'question',
        action: 'block',
        verdicts: [expect.objectContaining({ decision: 'block', category: 'sexual' })],
      },
    })
  })

  it('does not end the talk', async () => {
    const stdin = 'What is it?\np0rn\nAnd now?\n'
    const { code, stdout, stderr } = await run([...chat, ...real, '--json'], { stdin })
    const lines = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines.map(({ finishReason, error }) => finishReason ?? error.code)).toEqual(['length', 'BLOCKED', 'length'])
    expect(stderr).toContain('the question was blocked')
    expect(code).toBe(3)
  })

  it('passes only when safety is off, or as the original has it', async () => {
    for (const preset of ['off', 'upstream'])
      expect((await run([...chat, 'p0rn', ...real, '--safety', preset])).code).toBe(0)
  })

  it('never reaches a worker either', async () => {
    const { code, stderr } = await runHosted([...chat, 'p0rn', ...real])
    expect([code, stderr]).toEqual([3, expect.stringContaining('the question was blocked by word-list')])
  })

  it('of the history is named so', async () => {
    const verdict = { decision: 'unknown', checker: 'test', reason: 'tired' } as const
    const decision: Decision = { stage: 'chat-text', action: 'block', verdict, verdicts: [verdict] }
    const error = new BlockedInputError('history', decision)
    const services = { loadChat: async () => fakeChat({ answer: () => error }) }
    const { stderr } = await run([...chat, 'q'], { services })
    expect(stderr).toContain('error: the conversation so far was blocked by test: tired')
    expect(stderr).toContain('The checker could not tell, and what is not known to be harmless is blocked.')
  })
})

describe('a blocked answer', () => {
  const verdict = { decision: 'block', checker: 'word-list', category: 'drugs', reason: 'x' } as const
  const decision: Decision = { stage: 'chat-answer', action: 'block', verdict, verdicts: [verdict] }
  const stopped = (text: string) => {
    const safety = { ...fakeAnswer('').safety, policy: 'strict', answer: verdict, flagged: [decision] }
    const answer = fakeAnswer(text, { finishReason: 'blocked', safety })
    const talk = {
      reset() {},
      async *stream() {
        yield { type: 'text-start' as const }
        if (text !== '') yield { type: 'text-delta' as const, text }
        yield { type: 'blocked' as const, decision }
        yield { type: 'text-end' as const, answer }
      },
    }
    return { loadChat: async () => ({ ...fakeChat(), conversation: () => talk }) }
  }

  it.each([[[]], [['--no-stream']]])('keeps what was said before, and says why it stopped (%j)', async flags => {
    const { code, stdout, stderr } = await run([...chat, 'q', ...flags], { services: stopped('First one takes') })
    expect([code, stdout]).toEqual([3, 'First one takes\n'])
    expect(stderr).toContain('the answer was blocked by word-list (drugs): x\n')
  })

  it('of which nothing was said leaves no empty line', async () => {
    for (const flags of [[], ['--no-stream']])
      expect((await run([...chat, 'q', ...flags], { services: stopped('') })).stdout).toBe('')
  })

  it('has its verdicts in the object', async () => {
    const { code, stdout } = await run([...chat, 'q', '--json'], { services: stopped('x') })
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      finishReason: 'blocked',
      safety: { flagged: [{ stage: 'chat-answer' }] },
    })
  })

  it('does not end the talk', async () => {
    const { code, stdout } = await run([...chat], { services: stopped('x'), stdin: 'one\ntwo\n' })
    expect([code, stdout.match(/x\n/g)]).toEqual([3, ['x\n', 'x\n']])
  })
})

describe.skipIf(!hasCheckers)("the original's checkers", () => {
  it('look at pictures: strict blocks, upstream warns and answers', async () => {
    const argv = ['chat', recordedPictures.flagged, 'What?', ...real, ...recordedCheckers.image]
    const strict = await run(argv)
    expect([strict.code, strict.stdout]).toEqual([3, ''])
    expect(strict.stderr).toMatch(
      /error: the picture was blocked by stable-diffusion-safety-checker \(concept \d+\): near/,
    )
    expect(strict.stderr).toContain('Take another picture.')
    const upstream = await run([...argv, '--safety', 'upstream'])
    expect([upstream.code, upstream.stdout]).not.toEqual([0, ''])
    expect(upstream.stderr).toContain(
      'the picture was let pass by the policy, in spite of stable-diffusion-safety-checker',
    )
    const other = await run(['chat', recordedPictures.harmless, 'What?', ...real, ...recordedCheckers.image])
    expect([other.code, other.stderr]).toEqual([
      0,
      expect.stringContaining('pictures: stable-diffusion-safety-checker'),
    ])
  })

  it('look at questions beside the word list, in front of a worker too, and leave their lines', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'viscpm-cli-'))
    const audit = join(folder, 'audit.jsonl')
    const { text } = recordedPrompt(true)
    const argv = [...recordedCheckers.prompt, '--audit', audit]
    const { code, stderr } = await runHosted([...chat, text, ...real, ...argv])
    expect([code, stderr]).toEqual([3, expect.stringContaining('the question was blocked by bert-prompt-checker')])
    expect((await run([...chat, 'p0rn', ...real, ...argv])).stderr).toContain('blocked by word-list')
    const lines = readFileSync(audit, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines).toMatchObject([{ checker: 'bert-prompt-checker' }, { checker: 'word-list', action: 'block' }])
    rmSync(folder, { recursive: true })
  })
})
