import { BlockedInputError } from '@viscpm/chat'
import {
  BlockedError,
  ContextTooLongError,
  FileNotFoundError,
  HostCrashedError,
  ImageError,
  InvalidArgumentError,
  SessionError,
} from '@viscpm/core'
import { fromWire, toWire } from '@viscpm/core/host'
import type { Decision } from '@viscpm/safety'
import { describe, expect, it } from 'vitest'
import { failureError } from '../http/errors.js'
import { failureOf, isClientFault } from './failure.js'

const secret = '/srv/models/secret'

describe('what clients are told of errors', () => {
  it('names the field as requests call it', () => {
    const argument = (name: string) => failureOf(new InvalidArgumentError({ argument: name, message: 'must be else' }))
    expect(argument('guidanceScale')).toEqual({
      code: 'invalid_request',
      message: 'guidance_scale: must be else',
      param: 'guidance_scale',
    })
    expect(['count', 'width', 'maxLength', 'question', 'topP'].map(name => argument(name).param)).toEqual([
      'n',
      'size',
      'max_tokens',
      'messages',
      'top_p',
    ])
  })

  it.each([
    [
      new ImageError({ message: 'the PNG picture is broken or cut off', cause: new Error(secret) }),
      'invalid_image',
      true,
    ],
    [new ContextTooLongError({ length: 9, limit: 3 }), 'context_length_exceeded', true],
    [new BlockedError({ message: 'blocked', verdicts: [] }), 'content_filter', true],
    [new HostCrashedError({ message: `died in ${secret}` }), 'model_crashed', false],
    [new FileNotFoundError({ file: secret, message: 'gone' }), 'model_unavailable', false],
    [new SessionError({ message: `ort: ${secret}` }), 'internal_error', false],
    [new TypeError(secret), 'internal_error', false],
    [secret, 'internal_error', false],
  ])('%s is %s', (error, code, client) => {
    const failure = failureOf(error)
    expect([failure.code, isClientFault(failure)]).toEqual([code, client])
    expect(JSON.stringify(failure)).not.toContain(secret)
  })

  it('says what a checker said, and about what', () => {
    const verdict = { decision: 'block', checker: 'test', category: 'violence' } as const
    const decision = { stage: 'chat-text', action: 'block', verdict, verdicts: [verdict] } as unknown as Decision
    const [text, picture] = [
      new BlockedInputError('history', decision),
      fromWire(toWire(new BlockedInputError('picture', decision))), // as it comes from another process
    ].map(failureOf)
    expect(text).toMatchObject({ code: 'content_filter', param: 'messages', safety: { question: verdict } })
    expect(picture).toMatchObject({ code: 'content_filter', param: 'messages', safety: { image: verdict } })
    expect(failureError(text!).body).toMatchObject({
      error: { code: 'content_filter' },
      viscpm: { safety: text!.safety },
    })
  })
})
