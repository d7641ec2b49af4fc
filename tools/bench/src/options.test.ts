import { describe, expect, it } from 'vitest'
import { groupNames, parseOptions } from './options.js'

describe('options', () => {
  it('measures everything five times by default', () => {
    expect(parseOptions([], 2)).toEqual({ only: [...groupNames], runs: 5, threads: 2, torch: true, json: undefined })
  })

  it('takes a choice', () => {
    const options = parseOptions(['--only', 'vision,chat', '--runs', '7', '--no-torch', '--json', 'x.json'], 2)
    expect(options).toMatchObject({ only: ['vision', 'chat'], runs: 7, torch: false, json: 'x.json' })
  })

  it('refuses what it does not know', () => {
    expect(() => parseOptions(['--only', 'vison'], 2)).toThrow(/vison.*known: language-tiny/)
    expect(() => parseOptions(['--runs', '0'], 2)).toThrow('--runs')
    expect(() => parseOptions(['--fast'], 2)).toThrow('--fast')
    expect(parseOptions(['--help'], 2)).toBeUndefined()
  })
})
