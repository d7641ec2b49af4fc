import { expect, it } from 'vitest'
import { translationProblems } from './translations.mjs'

const page = (...blocks: string[]): string => blocks.map(block => `# Title\n\n\`\`\`${block}\n\`\`\`\n`).join('\n')

it('lets comments and texts be translated', () => {
  const en = page(
    'ts run\n/** What. */\nawait ask("What is it?", { a: \'b\' }) // now',
    'sh\nviscpm paint "a cat" # four\nls <here>',
  )
  const zh = page(
    'ts run\n/** 什么。 */\nawait ask("这是什么？", { a: \'c\' }) // 现在',
    'sh\nviscpm paint "一只猫" # 四张\nls <这里>',
  )
  expect(translationProblems(en, zh)).toEqual([])
  expect(translationProblems(page('js\na() // one'), page('js\na() // 一'))).toEqual([])
})

it('finds code that is not the same any more', () => {
  const en = page('ts\na(1)', 'sh\nls -a')
  expect(translationProblems(en, page('ts\na(2)', 'sh\nls -a'))).toEqual([
    "line 3: is not the code of the original's line 3",
  ])
  expect(translationProblems(en, page('ts run\na(1)', 'sh\nls'))).toHaveLength(2)
  expect(translationProblems(en, page('ts\na(1)'))).toEqual(['has 1 code blocks, the original 2'])
})

it('leaves drawings alone', () => {
  expect(translationProblems(page('\ncore <- chat'), page('\n核心 <- 对话'))).toEqual([])
})
