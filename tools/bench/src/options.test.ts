import { describe, expect, it } from 'vitest'
import { groupNames, parseOptions } from './options.js'

describe('options', () => {
  it('measures all but the largest five times by default', () => {
    const only = groupNames.filter(
      name => !['paint-full', 'fast', 'paint-int8', 'full-chat', 'full-paint'].includes(name),
    )
    const rest = { runs: 5, threads: 2, torch: true, python: 'python3', json: undefined, unet: undefined }
    expect(parseOptions([], 2)).toMatchObject({ only, ...rest })
  })

  it('takes the beginning of a name', () => {
    expect(parseOptions(['--only', 'paint,chat'], 2)?.only).toEqual(['paint-mid', 'paint-full', 'paint-int8', 'chat'])
    expect(parseOptions(['--only', 'paint-mid'], 2)?.only).toEqual(['paint-mid'])
  })

  it('takes a choice', () => {
    const options = parseOptions(['--only', 'vision,chat', '--runs', '7', '--no-torch', '--json', 'x.json'], 2)
    expect(options).toMatchObject({ only: ['vision', 'chat'], runs: 7, torch: false, json: 'x.json' })
  })

  it('takes what is for the published sizes, and only with them', () => {
    const asked = ['--only', 'full-chat', '--layers', '4', '--peers', 'p']
    expect(parseOptions(asked, 2)).toMatchObject({ only: ['full-chat'], layers: 4, peers: 'p', runs: 3 })
    const whole = ['--only', 'full', '--chat-model', 'm', '--docs', 'd', '--no-llama']
    expect(parseOptions(whole, 2)).toMatchObject({
      ...{ only: ['full-chat', 'full-paint'], layers: 48, chatModel: 'm', docs: 'd', peers: undefined, runs: 3 },
    })
    const refused = (...args: string[]) => expect(() => parseOptions(args, 2))
    refused('--layers', '4').toThrow('--layers is for full-chat: --only full')
    refused('--only', 'full', '--layers', '49').toThrow('at most 48')
    refused('--only', 'full', '--layers', '4', '--chat-model', 'm').toThrow('--chat-model')
    refused('--only', 'full', '--layers', '4', '--docs', 'd').toThrow('--docs takes the whole model')
    refused('--only', 'full-paint', '--chat-model', 'm').toThrow('--chat-model is for full-chat')
    refused('--only', 'full-chat', '--paint-model', 'm').toThrow('--paint-model is for full-paint')
    expect(parseOptions(['--only', 'full-paint', '--docs', 'd'], 2)).toMatchObject({ docs: 'd', runs: 3 })
    refused('--only', 'full', '--peers', 'p', '--no-llama').toThrow('exclude')
  })

  it('takes what is for painting at full size, and only with it', () => {
    const asked = ['--only', 'full-paint', '--paint-model', 'm', '--peers', 'p']
    expect(parseOptions(asked, 2)).toMatchObject({ only: ['full-paint'], paintModel: 'm', peers: 'p', runs: 3 })
    expect(parseOptions(['--only', 'full-paint', '--no-llama'], 2)).toMatchObject({ peers: undefined })
    expect(() => parseOptions(['--paint-model', 'm'], 2)).toThrow('--paint-model is for full-paint')
    expect(() => parseOptions(['--only', 'full-paint', '--layers', '4'], 2)).toThrow('--layers is for full-chat')
  })

  it('refuses what it does not know', () => {
    expect(() => parseOptions(['--only', 'vison'], 2)).toThrow(/vison.*known: language-tiny/)
    expect(() => parseOptions(['--only', ''], 2)).toThrow('nothing is called')
    expect(() => parseOptions(['--runs', '0'], 2)).toThrow('--runs')
    expect(() => parseOptions(['--fast'], 2)).toThrow('--fast')
    expect(parseOptions(['--help'], 2)).toBeUndefined()
  })
})
