import { expect, it } from 'vitest'
import { testItems } from './fixtures/test-items.js'
import { judgePrompt } from './prompt.js'

it('is laid out as by LLaVA', () => {
  expect(judgePrompt(testItems(1)[0]!, ['a', 'b'])).toBe(
    '[Context]\nA cat.\nOne cat.\n\ncat: [0.0, 0.25, 1.0, 0.5]\n\n[Question]\nquestion 0?\n\n' +
      '[Assistant 1]\na\n\n[End of Assistant 1]\n\n[Assistant 2]\nb\n\n[End of Assistant 2]\n\n[System]\nRate both.\n\n',
  )
})
