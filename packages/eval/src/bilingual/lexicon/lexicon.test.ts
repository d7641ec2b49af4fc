import { describe, expect, it } from 'vitest'
import { parseLexicon } from './entry.js'
import { Lexicon } from './lexicon.js'
import { meaningByFacts, sharedFacts, statesAll } from './meaning.js'

const lexicon = new Lexicon(
  parseLexicon(
    [
      { fact: 'thing:cat', en: ['cat', 'kitten'], zh: ['猫'] },
      { fact: 'thing:panda', en: ['panda', 'panda bear'], zh: ['熊猫'] },
      { fact: 'thing:bear', en: ['bear'], zh: ['熊'] },
      { fact: 'thing:orange', en: ['orange'], zh: ['橙子'] },
      { fact: 'thing:cherry', en: ['cherries', 'cherry'], zh: ['樱桃'] },
      { fact: 'kind:animal', en: ['animal'], zh: ['动物'] },
    ]
      .map(entry => JSON.stringify(entry))
      .join('\n'),
    'test',
  ),
)
const facts = (text: string, language: 'en' | 'zh') =>
  lexicon
    .facts(text, language)
    .map(names => [...names].sort().join('|'))
    .sort()

describe('facts', () => {
  it.each([
    ['It is a cat.', '这是一只猫。', ['thing:cat']],
    ['A panda bear on a red background.', '红色背景上有一只熊猫。', ['colour:red', 'thing:panda']],
    ['There are two cats.', '图中有两只猫。', ['number:2', 'thing:cat']],
    ['There is one cat.', '有一只猫。', ['thing:cat']],
    ['One.', '一。', ['number:1']],
    ['Is it blue? It is grey, so no.', '是蓝色的吗？是灰色的，所以不是。', ['colour:grey', 'no']],
    ['Yes, it is an animal.', '是，这是动物。', ['kind:animal', 'yes']],
    ["I don't see a cat.", '图中没有猫。', ['no', 'thing:cat']],
    ["I don't know. I can only talk about the picture.", '我不知道，我只能聊图片里的内容。', ['unknown']],
    ['The cat is at the top right.', '猫在右上角。', ['place:right', 'place:top', 'thing:cat']],
    ['some cherries', '一颗樱桃', ['thing:cherry']],
    ['The sky', '天空', []],
  ])('%s = %s', (en, zh, expected) => {
    expect(facts(en, 'en')).toEqual(expected)
    expect(facts(zh, 'zh')).toEqual(expected)
  })

  it('leaves a word open that may mean either', () => {
    expect(facts('an orange', 'en')).toEqual(['colour:orange|thing:orange'])
  })

  it('does not find words inside longer ones', () => {
    expect(facts('a catalogue of nothingness', 'en')).toEqual([])
  })
})

describe('sameMeaning', () => {
  const same = meaningByFacts(lexicon)
  const between = (en: string, zh: string) => same({ text: en, language: 'en' }, { text: zh, language: 'zh' })

  it.each([
    ['It is a cat.', '这是一只猫。', 1],
    ['an orange', '一个橙子', 1],
    ['It is orange.', '它是橙色的。', 1],
    ['A red cat.', '一只猫。', 0.5],
    ['A cat.', '一只熊。', 0],
    ['A cat.', '天空', undefined],
  ])('%s / %s: %s', (en, zh, expected) => {
    expect(between(en, zh)).toBe(expected)
  })

  it('pairs each fact once', () => {
    expect(sharedFacts([['a', 'b']], [['a'], ['b']])).toBe(0.5)
  })

  it('asks for every expected fact', () => {
    const said = lexicon.facts('a red cat', 'en')
    expect(statesAll(said, ['thing:cat', 'colour:red'])).toBe(true)
    expect(statesAll(said, ['thing:cat', 'colour:blue'])).toBe(false)
  })
})
