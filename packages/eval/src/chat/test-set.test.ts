import { describe, expect, it } from 'vitest'
import { parseQuestions } from './question.js'
import { joinTestSet } from './test-set.js'

const question = '{"question_id": 3, "image": "a.jpg", "text": "何か?", "category": "conv"}'
const texts = {
  references: { name: 'r', text: '{"question_id": 3, "text": "ref", "category": "conv"}\n' },
  contexts: {
    name: 'c',
    text: '{"id": "a", "image": "a.jpg", "captions": ["x"], "instances": [{"category": "cat", "bbox": [0, 0, 1, 1]}]}',
  },
  rules: { name: 'j', text: '{"conv": {"role": "Assistant", "prompt": "Rate."}}' },
}

describe('a test set', () => {
  it('joins files by number, picture and category', () => {
    const other = '{"question_id": 1, "text": "other"}\n'
    const references = { ...texts.references, text: other + texts.references.text }
    const [item] = joinTestSet(parseQuestions(`\n${question}\n`, 'q'), { ...texts, references })
    expect(item).toMatchObject({ reference: 'ref', rule: { prompt: 'Rate.' }, context: { captions: ['x'] } })
  })

  it.each([
    ['', 'q: holds no question'],
    ['{"question_id": 1', 'q: line 1: '],
    ['[]', 'q: line 1: is no JSON object'],
    ['{"question_id": 1, "image": "a", "text": "t", "category": "math"}', "q: line 1: 'category' is none of conv"],
    ['{"image": "a", "text": "t", "category": "conv"}', "'question_id'"],
    ['{"question_id": 1, "image": "a", "text": " ", "category": "conv"}', "'text' is empty"],
    [`${question}\n${question}`, "q: '3' is there twice"],
  ])('questions %j', (text, message) => expect(() => parseQuestions(text, 'q')).toThrow(message))

  it.each([
    [{ references: { name: 'r', text: '{"question_id": 4, "text": "x"}' } }, 'r: holds nothing for question 3'],
    [{ contexts: { name: 'c', text: '' } }, 'c: holds nothing for picture a.jpg'],
    [
      { contexts: { name: 'c', text: texts.contexts.text.replace('[0, 0, 1, 1]', '[0]') } },
      "'bbox' is not four numbers",
    ],
    [{ rules: { name: 'j', text: '{}' } }, "j: holds nothing for category 'conv'"],
    [{ rules: { name: 'j', text: '{"conv": 1}' } }, 'j: is no JSON object'],
  ])('what is missing: %j', (changed, message) => {
    expect(() => joinTestSet(parseQuestions(question, 'q'), { ...texts, ...changed })).toThrow(message)
  })
})
