import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { withTables } from './docs-table.js'

const page = readFileSync(new URL('../../../../docs/memory.md', import.meta.url), 'utf8')

it('docs/memory.md shows what the cost model says; pnpm bench cost --tables docs/memory.md writes it', () => {
  expect(withTables(page)).toBe(page)
  expect(page.match(/\*\*\d+\.\d GB\*\*/g)!.length).toBeGreaterThan(15)
})

it('finds the place of a table, or says so', () => {
  expect(withTables(page.replace('512 tokens', '512 words'))).toContain('512 words')
  expect(() => withTables('nothing')).toThrow('no place')
})
