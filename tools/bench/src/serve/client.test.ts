import { expect, test } from 'vitest'
import { answerText } from './client.js'

const piece = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`

test('reads whole answers, and streams that begin with comments', () => {
  const whole = JSON.stringify({ choices: [{ message: { content: 'A cat.' } }] })
  expect(answerText({ status: 200, text: whole })).toBe('A cat.')
  expect(answerText({ status: 200, text: `: ping\n\n${piece('A ')}: ping\n\n${piece('cat.')}data: [DONE]\n\n` })).toBe(
    'A cat.',
  )
})

test('a stream that was cut off, and a refusal, are no answers', () => {
  expect(() => answerText({ status: 200, text: piece('A ') })).toThrow('[DONE]')
  expect(() => answerText({ status: 200, text: ': ping\n\n' })).toThrow('[DONE]')
  expect(() => answerText({ status: 503, text: 'busy' })).toThrow('status 503')
})
