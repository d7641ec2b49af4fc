import type { ChatAnswer } from '@viscpm/chat'
import type { Verdict } from '@viscpm/core'
import type { PaintResult } from '@viscpm/paint'
import { expect, it } from 'vitest'
import { chatNotes, requestNotes } from './safety-notes.js'

const verdict = (decision: Verdict['decision'], reason?: string): Verdict => ({
  decision,
  checker: 'words',
  ...(reason !== undefined && { reason }),
})

it('tells what each checker said, and nothing where there is none', () => {
  const [allowed, bad] = [verdict('allow'), verdict('block', 'a word')]
  const flagged = [{ stage: 'chat-text', action: 'tag', verdict: bad, verdicts: [bad] }] as const
  const report = { policy: 'strict', coverage: {}, image: 'none', question: allowed, answer: 'none', flagged }
  expect(chatNotes(report as never as ChatAnswer['safety'])).toEqual([
    { stage: 'text', decision: 'allow', checker: 'words' },
    { stage: 'text', decision: 'block', checker: 'words', reason: 'a word' },
  ])
  // What was flagged is not told twice.
  const answered = { ...report, question: bad, answer: allowed }
  expect(chatNotes(answered as never as ChatAnswer['safety']).map(({ stage }) => stage)).toEqual(['text', 'answer'])
  const asked = { prompt: allowed, negativePrompt: bad, image: verdict('unknown') }
  expect(requestNotes(asked as never as PaintResult['safety']).map(({ stage, decision }) => [stage, decision])).toEqual(
    [
      ['prompt', 'allow'],
      ['prompt', 'block'],
      ['picture', 'unknown'],
    ],
  )
})
