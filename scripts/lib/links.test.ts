import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { anchorOf, brokenLinks } from './links.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'links-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('names headings as Markdown viewers do', () => {
  expect(anchorOf('How a `block` reads: (briefly)')).toBe('how-a-block-reads-briefly')
  expect(anchorOf('用你自己的图片')).toBe('用你自己的图片')
})

it('finds the links that lead nowhere', () => {
  writeFileSync(path.join(folder, 'b.md'), '# One two\n## One two\n')
  const lines = [
    '# Here',
    '[good](b.md) [good](b.md#one-two) [good](b.md#one-two-1) [good](#here) [network](https://example.org/x) ![picture](b.md "title")',
    '[bad](c.md) [bad](b.md#one-two-2) [bad](#nowhere) `[code](d.md)`',
    '```md',
    '[code](e.md)',
    '```',
  ]
  writeFileSync(path.join(folder, 'a.md'), lines.join('\n'))
  expect(brokenLinks(folder, ['a.md', 'b.md'])).toEqual([
    'a.md: c.md does not exist',
    'a.md: b.md#one-two-2: no such heading',
    'a.md: #nowhere: no such heading',
  ])
})
