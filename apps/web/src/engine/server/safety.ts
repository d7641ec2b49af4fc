import type { SafetyNote } from '../types.js'
import { field, textOf } from './fields.js'

type Stage = SafetyNote['stage']

/** Fields of the reports of chat and paint, and what they are about. */
const stages: readonly (readonly [name: string, stage: Stage])[] = [
  ['image', 'picture'],
  ['question', 'text'],
  ['answer', 'answer'],
  ['prompt', 'prompt'],
  ['negativePrompt', 'prompt'],
]

/** What a report of the server's says of each thing that was checked. */
export function safetyOf(report: unknown): readonly SafetyNote[] {
  return stages.flatMap(([name, stage]) => verdictsOf(field(report, name), stage))
}

/** One verdict; none where nobody was asked ('none'). */
export function verdictsOf(verdict: unknown, stage: Stage): readonly SafetyNote[] {
  const decision = field(verdict, 'decision')
  if (decision !== 'allow' && decision !== 'block' && decision !== 'unknown') return []
  const category = textOf(field(verdict, 'category'))
  const reason = textOf(field(verdict, 'reason'))
  return [
    {
      stage,
      decision,
      checker: textOf(field(verdict, 'checker')) ?? '?',
      ...(category === undefined ? {} : { category }),
      ...(reason === undefined ? {} : { reason }),
    },
  ]
}
