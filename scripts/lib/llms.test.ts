import { expect, it } from 'vitest'
import { llmsFull, llmsIndex } from './llms.mjs'

const pages = [
  { section: 'First', title: 'A', page: 'a.md', text: '# A\n\n[中文](zh/a.md)\n\nOne [thing](b.md), **here**. Two.\n' },
  { section: 'Second', title: 'B', page: 'b.md', text: '# B\n\n```sh\nls\n```\n' },
  { section: 'First', title: 'C', page: 'c.md', text: '# C\n\nWithout an end\n' },
]

it('lists the pages by section with their first sentence', () => {
  const index = llmsIndex(pages)
  expect(index).toMatch(/^# VisCPM in TypeScript\n\n> /)
  expect(index).toContain('## First\n\n- [A](a.md): One thing, here.\n- [C](c.md): Without an end\n')
  expect(index).toContain('## Second\n\n- [B](b.md)\n')
})

it('holds every page in whole', () => {
  for (const { page, text } of pages) expect(llmsFull(pages)).toContain(`Source: ${page}\n\n${text.trim()}\n`)
})
