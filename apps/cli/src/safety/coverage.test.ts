import { policyOf, Safety, stateOf, strictSafety, upstreamSafety } from '@viscpm/safety'
import { buildSafety } from '@viscpm/safety/node'
import { describe, expect, it } from 'vitest'
import { messagesOf } from '../messages/index.js'
import { coverageText, stagesOf } from './coverage.js'

const [en, zh] = [messagesOf('en'), messagesOf('zh')]
const eyes = { name: 'eyes', check: async () => ({ decision: 'allow', checker: 'eyes' }) as const }

describe('what covers what', () => {
  it('is said in one line, stages apart only where they differ', () => {
    const strict = stateOf(strictSafety({ image: [eyes] }))
    expect(coverageText(strict, stagesOf.chat, en)).toBe('texts: word-list; pictures: eyes')
    expect(coverageText(strict, stagesOf.ask, en)).toBe('texts: word-list')
    const upstream = stateOf(upstreamSafety({ image: [eyes] }))
    expect(coverageText(upstream, stagesOf.chat, zh)).toBe('文本：此策略不检查；图片：eyes')
    expect(coverageText(upstream, stagesOf.paint, en)).toBe(
      'the prompt: word-list; the negative prompt: unchecked by this policy; the picture to start from: unchecked by this policy; the painted picture: eyes',
    )
  })

  it('tells a stage without a checker from one that is left alone', () => {
    const state = stateOf(new Safety({ policy: policyOf('strict') }))
    expect(coverageText(state, stagesOf.ask, en)).toBe('texts: no checker')
  })
})

describe('buildSafety', () => {
  it.each(['strict', 'upstream', 'off'] as const)('%s has the policy of that name', async preset => {
    const { safety, dispose } = await buildSafety({ preset })
    expect(safety.policy).toBe(policyOf(preset))
    expect(safety.covers('prompt')).toBe(preset !== 'off')
    await dispose()
  })

  it('passes the errors of loading on', async () => {
    const loading = buildSafety({ preset: 'strict', promptChecker: '/nowhere' })
    await expect(loading).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })
})
