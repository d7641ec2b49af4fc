import { describe, expect, it } from 'vitest'
import { parseOptions } from './options.js'

describe('options', () => {
  it('measures the word list on everything by default', () => {
    expect(parseOptions([])).toEqual({
      bert: undefined,
      stableDiffusion: undefined,
      pictures: undefined,
      words: [],
      limit: Number.POSITIVE_INFINITY,
      showWrong: 0,
      json: undefined,
      docs: undefined,
    })
    expect(parseOptions(['--help'])).toBeUndefined()
  })

  it('takes checkers, lists and files', () => {
    const args =
      '--bert b --stable-diffusion s --pictures p --words zh=a=b.txt --words en=c --limit 5 --show-wrong 2 --json j'
    expect(parseOptions([...args.split(' '), '--docs', 'd'])).toEqual({
      bert: 'b',
      stableDiffusion: 's',
      pictures: 'p',
      words: [
        { language: 'zh', file: 'a=b.txt' },
        { language: 'en', file: 'c' },
      ],
      limit: 5,
      showWrong: 2,
      json: 'j',
      docs: 'd',
    })
  })

  it.each([
    [['--words', 'a.txt'], 'en=FILE'],
    [['--words', 'fr=a.txt'], 'en=FILE'],
    [['--words', 'zh='], 'en=FILE'],
    [['--limit', '0'], '--limit'],
    [['--limit', 'many'], '--limit'],
    [['--show-wrong', ''], '--show-wrong'],
    [['--pictures', 'p'], '--stable-diffusion'],
    [['--fast'], '--fast'],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message)
  })
})
