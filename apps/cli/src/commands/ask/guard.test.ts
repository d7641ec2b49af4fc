import { mask, type TaskPart, type TaskResult, text } from '@viscpm/cpm-bee'
import { Policy, Safety, strictSafety } from '@viscpm/safety'
import { describe, expect, it } from 'vitest'
import { run } from '../../fixtures/harness.js'
import type { TextModel } from '../../models.js'
import { AskGuard } from './guard.js'

const { signal } = new AbortController()

/** A model that writes given parts. */
function writing(parts: readonly (readonly [path: readonly string[], text: string])[], answer: TaskResult['answer']) {
  const log: string[] = []
  const model: TextModel = {
    async dispose() {
      log.push('dispose')
    },
    async *stream(input): AsyncGenerator<TaskPart, TaskResult> {
      log.push('stream')
      for (const [path, piece] of parts) yield { path, text: piece, token: {} as TaskPart['token'] }
      return { answer, output: input as never, finish: 'stop', usage: { promptTokens: 1, completionTokens: 1 } }
    },
  }
  return { log, services: { loadText: async () => model } }
}

const say = (words: string) => words.split(/(?<= )/).map(word => [[], word] as const)
const argv = ['ask', 'answer', 'q', '--model', 'x']

describe('the texts of a task', () => {
  const guard = () => new AskGuard(strictSafety())

  it.each([
    ['a value', { input: 'show p0rn', '<ans>': '' }],
    ['a key', { 'p0rn here': 'x', '<ans>': '' }],
    ['inside', { a: { b: { c: 'p0rn' } }, '<ans>': '' }],
    ['in a Map', new Map([['1', 'p0rn']])],
    ['as pairs', [['a', 'p0rn']] as const],
    ['in marked text', { input: text`${mask(0)} is p0rn`, '<ans>': '' }],
    ['behind markers', { input: 'po<mask_1>rn', '<ans>': '' }],
    ['behind raw markers', { input: 'p<s>0</s>rn', '<ans>': '' }],
  ])('%s: blocked', async (_what, input) => {
    const blocked = await guard()
      .input(input, signal)
      .catch((error: unknown) => error)
    expect(blocked).toMatchObject({ code: 'BLOCKED', what: 'text', decision: { stage: 'chat-text', action: 'block' } })
  })

  it('pass where there is nothing', async () => {
    await expect(
      guard().input({ input: text`a < b, ${mask(0)}`, question: '猫？', '<ans>': '' }, signal),
    ).resolves.toBe(undefined)
  })

  it('block before a model is loaded: exit code 3', async () => {
    const { log, services } = writing([], '')
    const { code, stdout, stderr } = await run(['ask', 'continue', 'p0rn', '--model', 'x', '--json'], { services })
    expect([code, log]).toEqual([3, []])
    expect(stderr).toContain('error: the text was blocked by word-list (sexual): a listed word, p***')
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'BLOCKED', stage: 'chat-text', what: 'text' })
  })

  it('--data and --raw are no way around', async () => {
    for (const data of ['{"a": "p0rn", "<ans>": ""}', '{"a": {"p0rn": "x"}, "<ans>": ""}'])
      for (const raw of [[], ['--raw']])
        expect((await run(['ask', '--data', data, ...raw, '--model', 'x'])).code).toBe(3)
  })

  it('pass with --safety off, which is said', async () => {
    const { services } = writing(say('p0rn'), 'p0rn')
    const { code, stdout, stderr } = await run([...argv, '--safety', 'off', '--quiet'], { services })
    expect([code, stdout, stderr]).toEqual([0, 'p0rn\n', 'safety off: neither texts nor pictures are checked\n'])
  })
})

describe('the answer', () => {
  const bad = 'It is a long and quiet story about the sea, and then comes p0rn in the middle of it, and more.'

  it('stops where it is blocked, and nothing of that is shown', async () => {
    const { services, log } = writing(say(bad), bad)
    const { code, stdout, stderr } = await run(argv, { services })
    expect(code).toBe(3)
    expect(stdout).toMatch(/^It is a long and quiet .*\n$/)
    expect(stdout).not.toContain('p0rn')
    expect(stderr).toContain('error: the answer was blocked by word-list (sexual): a listed word, p***')
    expect(log).toEqual(['stream', 'dispose'])
    const json = await run([...argv, '--json'], { services })
    expect(JSON.parse(json.stdout).error).toMatchObject({ stage: 'chat-answer', verdicts: [{ category: 'sexual' }] })
    expect(json.stdout).not.toContain('quiet')
  })

  it('is shown whole where nothing is found', async () => {
    const fine = bad.replace('p0rn', 'a ship')
    const { services } = writing(say(fine), fine)
    expect((await run(argv, { services })).stdout).toBe(`${fine}\n`)
    expect((await run([...argv, '--no-stream'], { services })).stdout).toBe(`${fine}\n`)
  })

  it('of several is checked one by one, and not across them', async () => {
    const parts = [
      [['<mask_0>'], 'po'],
      [['<mask_1>'], 'rn'],
    ] as const
    const fine = writing(parts, { '<mask_0>': 'po', '<mask_1>': 'rn' })
    expect(await run(argv, fine)).toMatchObject({ code: 0, stdout: '<mask_0>: po\n<mask_1>: rn\n' })
    const harmful = writing([], { '<mask_0>': 'fine', '<mask_1>': 'p0rn', '<mask_2>': null })
    const { code, stdout } = await run(argv, harmful)
    expect([code, stdout]).toEqual([3, ''])
  })

  it('says what the policy let pass', async () => {
    const unsure = {
      name: 'unsure',
      check: async () => ({ decision: 'unknown', checker: 'unsure', reason: 'tired' }) as const,
    }
    const tags = { block: 'tag', unknown: 'tag' } as const
    const policy = new Policy({ name: 'lenient', stages: { 'chat-text': tags, 'chat-answer': tags } })
    const safety = new Safety({ policy, prompt: [unsure] })
    const { services } = writing(say('fine'), 'fine')
    const buildSafety = async () => ({ safety, dispose: async () => {} })
    const { code, stderr } = await run(argv, { services: { ...services, buildSafety } })
    expect(code).toBe(0)
    expect(stderr).toContain('the answer was let pass by the policy, in spite of unsure: tired')
  })
})
