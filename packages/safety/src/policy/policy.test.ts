import { isVisCPMError, type Stage, type Verdict } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import {
  actionsOf,
  isPictureStage,
  offPolicy,
  Policy,
  type PolicyOptions,
  stages,
  strictPolicy,
  upstreamPolicy,
  worstOf,
} from './index.js'

const verdict = (decision: Verdict['decision'], checker = decision): Verdict => ({ decision, checker })

describe('presets', () => {
  it('strict blocks what is harmful and what is unknown, at every stage', () => {
    for (const stage of stages) {
      expect(strictPolicy.actionFor(stage, verdict('block'))).toBe('block')
      expect(strictPolicy.actionFor(stage, verdict('unknown'))).toBe('block')
      expect(strictPolicy.actionFor(stage, verdict('allow'))).toBe('allow')
      expect(strictPolicy.actionFor(stage, 'none')).toBe('allow')
      expect(strictPolicy.checks(stage)).toBe(true)
    }
    expect([strictPolicy.replacements, strictPolicy.ranksFlagged]).toEqual([8, false])
  })

  it('upstream warns in chats, refuses prompts, and blackens', () => {
    const actions = (stage: Stage) => upstreamPolicy.checks(stage) && upstreamPolicy.actionFor(stage, verdict('block'))
    expect(Object.fromEntries(stages.map(stage => [stage, actions(stage)]))).toEqual({
      'chat-picture': 'tag',
      'chat-text': false,
      'chat-answer': false,
      prompt: 'block',
      'negative-prompt': false,
      'source-picture': false,
      'painted-picture': 'blacken',
    })
    expect([upstreamPolicy.replacements, upstreamPolicy.ranksFlagged]).toEqual([0, true])
  })

  it('off asks nobody', () => {
    for (const stage of stages) expect(offPolicy.checks(stage)).toBe(false)
  })
})

describe('a policy', () => {
  it('maps block and unknown separately', () => {
    const policy = new Policy({ name: 'mine', stages: { prompt: { block: 'block', unknown: 'tag' } } })
    expect(policy.actionFor('prompt', verdict('unknown'))).toBe('tag')
    expect(policy.actionFor('prompt', verdict('block'))).toBe('block')
    expect(policy.actionFor('chat-text', verdict('unknown'))).toBe('block')
    expect(() => Object.assign(policy, { name: 'other' })).toThrow()
  })

  it('refuses actions that make no sense at a stage', () => {
    for (const stage of stages)
      for (const action of ['blur', 'blacken'] as const) {
        const make = () => new Policy({ name: 'x', stages: { [stage]: { block: action, unknown: 'block' } } })
        if (actionsOf(stage).includes(action)) expect(make).not.toThrow()
        else
          expect(make).toThrow(
            expect.objectContaining({ code: 'INVALID_ARGUMENT', argument: `policy.stages.${stage}.block` }),
          )
      }
    expect(stages.filter(stage => actionsOf(stage).includes('blur'))).toEqual(['painted-picture'])
    expect(stages.filter(isPictureStage)).toHaveLength(3)
  })

  it.each<[unknown, string]>([
    [{ name: '' }, 'policy.name'],
    [{ name: 'x', replacements: -1 }, 'policy.replacements'],
    [{ name: 'x', replacements: 1.5 }, 'policy.replacements'],
    [{ name: 'x', replacements: 1e6 }, 'policy.replacements'],
    [{ name: 'x', ranksFlagged: 1 }, 'policy.ranksFlagged'],
    [{ name: 'x', stages: { question: 'unchecked' } }, 'policy.stages.question'],
    [{ name: 'x', stages: { prompt: 'allow' } }, 'policy.stages.prompt'],
    [{ name: 'x', stages: { prompt: { block: 'block' } } }, 'policy.stages.prompt.unknown'],
    [{ name: 'x', stages: { prompt: { block: 'warn', unknown: 'block' } } }, 'policy.stages.prompt.block'],
  ])('refuses %j', (options, argument) => {
    const make = () => new Policy(options as PolicyOptions)
    expect(make).toThrow(expect.objectContaining({ argument }))
    expect(make).toThrow(expect.toSatisfy(error => isVisCPMError(error, 'INVALID_ARGUMENT')))
  })
})

it('the worst verdict is the first that blocks, or else the first that is unknown', () => {
  const [a, b, c] = [verdict('unknown', 'unknown'), verdict('block', 'block'), verdict('allow', 'allow')]
  expect(worstOf([c, a, b, verdict('block', 'allow')])).toBe(b)
  expect(worstOf([c, a])).toBe(a)
  expect(worstOf([])).toBe('none')
})
