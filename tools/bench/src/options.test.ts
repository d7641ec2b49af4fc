import { describe, expect, it } from 'vitest'
import { groupNames, parseOptions } from './options.js'

describe('options', () => {
  it('measures all but the largest five times by default', () => {
    const only = groupNames.filter(name => !['paint-full', 'fast'].includes(name))
    const rest = { runs: 5, threads: 2, torch: true, python: 'python3', json: undefined, unet: undefined }
    expect(parseOptions([], 2)).toEqual({ only, ...rest })
  })

  it('takes the beginning of a name', () => {
    expect(parseOptions(['--only', 'paint,chat'], 2)?.only).toEqual(['paint-mid', 'paint-full', 'chat'])
    expect(parseOptions(['--only', 'paint-mid'], 2)?.only).toEqual(['paint-mid'])
  })

  it('takes a choice', () => {
    const options = parseOptions(['--only', 'vision,chat', '--runs', '7', '--no-torch', '--json', 'x.json'], 2)
    expect(options).toMatchObject({ only: ['vision', 'chat'], runs: 7, torch: false, json: 'x.json' })
  })

  it('refuses what it does not know', () => {
    expect(() => parseOptions(['--only', 'vison'], 2)).toThrow(/vison.*known: language-tiny/)
    expect(() => parseOptions(['--only', ''], 2)).toThrow('nothing is called')
    expect(() => parseOptions(['--runs', '0'], 2)).toThrow('--runs')
    expect(() => parseOptions(['--fast'], 2)).toThrow('--fast')
    expect(parseOptions(['--help'], 2)).toBeUndefined()
  })
})
