import { describe, expect, it } from 'vitest'
import { parsePairs } from './pairs.js'

const prompt = { type: 'prompt', id: 'cat', en: 'a cat', zh: '一只猫' }
const question = { type: 'question', id: 'q1', picture: 'cat.png', en: 'What is it?', zh: '这是什么？' }
const lines = (...records: unknown[]) =>
  records.map(record => (typeof record === 'string' ? record : JSON.stringify(record))).join('\n')

describe('parsePairs', () => {
  it('sorts pairs by their type', () => {
    const text = lines(prompt, '', { ...question, facts: ['thing:cat'] }, { ...prompt, type: 'text' })
    const { type: _p, ...pair } = prompt
    const { type: _q, ...asked } = question
    expect(parsePairs(`\ufeff${text}\n`, 'f')).toEqual({
      prompts: [pair],
      questions: [{ ...asked, facts: ['thing:cat'] }],
      texts: [pair],
    })
  })

  it.each([
    [lines(prompt, '{'), 'f: line 2: is not JSON'],
    [lines('[]'), 'f: line 1: is no object'],
    [lines({ ...prompt, type: 'poem' }), `f: line 1: 'type' is "poem", not prompt, question or text`],
    [lines({ ...prompt, type: 'toString' }), `'type' is "toString"`],
    [lines({ ...prompt, zh: ' ' }), "f: line 1: 'zh' must be a text that is not empty"],
    [lines({ ...prompt, en: 5 }), "'en' must be a text"],
    [lines({ ...question, picture: undefined }), "'picture' must be a text"],
    [lines({ ...question, facts: [] }), "'facts' must be a list of names"],
    [lines(prompt, prompt), `f: line 2: 'id' "cat" is there already`],
    ['\n\n', 'f: has no pairs'],
  ])('%j: names line and field', (text, message) => {
    expect(() => parsePairs(text, 'f')).toThrow(message)
    expect(() => parsePairs(text, 'f')).toThrow(expect.objectContaining({ code: 'FILE_FORMAT', file: 'f' }))
  })
})
