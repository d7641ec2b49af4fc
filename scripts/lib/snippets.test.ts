import { expect, it } from 'vitest'
import { snippetsOf } from './snippets.mjs'

const document = [
  '# Title',
  '```ts',
  'const a = 1',
  '```',
  '```ts no-run',
  'download()',
  '```',
  '```sh',
  'ls',
  '```',
  '````md',
  '```ts',
  'quoted, not a snippet',
  '```',
  '````',
  '```ts run',
  'b()',
  '```',
].join('\n')

it('finds the TypeScript blocks and keeps their line numbers', () => {
  const snippets = snippetsOf(document, true)
  expect(snippets.map(s => s.line)).toEqual([2, 5, 16])
  expect(snippets[0]?.code.split('\n')[2]).toBe('const a = 1')
})

it('runs what is marked, and by default what the document says', () => {
  expect(snippetsOf(document, true).map(s => s.run)).toEqual([true, false, true])
  expect(snippetsOf(document, false).map(s => s.run)).toEqual([false, false, true])
})

it('refuses flags it does not know', () => {
  expect(() => snippetsOf('```ts norun\n```', true)).toThrow(/unknown flag norun/)
})
