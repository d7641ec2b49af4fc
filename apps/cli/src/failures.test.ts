import { BlockedError, FileNotFoundError, InvalidArgumentError } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { CommandError, describeFailure, Interrupted, UsageError } from './failures.js'
import { messagesOf } from './messages/index.js'
import { InputBlocked } from './safety/blocked.js'

const en = messagesOf('en')
const system = (code: string, path?: string) => Object.assign(new Error(`${code}: raw`), { code, path })

const verdict = { decision: 'unknown', checker: 'eyes', reason: 'no idea' } as const

describe('describeFailure', () => {
  it.each<[string, unknown, object]>([
    ['usage', new UsageError('bad', 'do'), { exitCode: 2, code: 'USAGE', message: 'bad', hint: 'do' }],
    ['command', new CommandError('bad'), { exitCode: 1, code: 'FAILED', message: 'bad' }],
    ['Ctrl-C', new Interrupted(), { exitCode: 130, code: 'INTERRUPTED', message: 'stopped' }],
    ['blocked', new BlockedError({ message: 'no', verdicts: [] }), { exitCode: 3, code: 'BLOCKED', message: 'no' }],
    [
      'blocked, with what was decided',
      new InputBlocked('prompt', { stage: 'prompt', action: 'block', verdict, verdicts: [verdict] }),
      {
        exitCode: 3,
        code: 'BLOCKED',
        message: 'the prompt was blocked by eyes: no idea',
        hint: expect.stringContaining('could not tell'),
        blocked: { stage: 'prompt', action: 'block', verdicts: [verdict] },
      },
    ],
    [
      'an argument',
      new InvalidArgumentError({ argument: 'seed', message: 'must be a number' }),
      { exitCode: 2, code: 'INVALID_ARGUMENT', message: 'seed: must be a number' },
    ],
    [
      'a file',
      new FileNotFoundError({ file: 'a.pt', message: 'is not there', hint: 'Look.' }),
      { exitCode: 1, code: 'FILE_NOT_FOUND', message: 'a.pt: is not there', hint: 'Look.' },
    ],
    ['a full disk', system('ENOSPC', '/x'), { exitCode: 1, code: 'FAILED', message: '/x: the disk is full' }],
    ['anything else', new Error('boom'), { message: 'unexpected: boom', hint: en.errors.unexpectedHint }],
    ['no error at all', 'text', { exitCode: 1, message: 'unexpected: text' }],
  ])('%s', (_what, error, failure) => {
    expect(describeFailure(error, en)).toMatchObject(failure)
  })

  it('says the kind of a library error in Chinese', () => {
    const error = new FileNotFoundError({ file: 'a.pt', message: 'is not there' })
    expect(describeFailure(error, messagesOf('zh')).message).toBe('找不到文件：a.pt: is not there')
  })
})
