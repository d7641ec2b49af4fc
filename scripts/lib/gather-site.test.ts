import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { gatherSite, writeStubs } from './gather-site.mjs'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'site-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8')

it('gathers guides, packages, examples and what they link to', () => {
  expect(gatherSite(folder)).toEqual([])
  expect(read('safety.md')).toContain('](./packages/safety.md)')
  expect(read('packages/core.md')).toContain('](../devices.md)')
  expect(read('examples.md')).toMatch(
    /\]\(\.\/examples\.md#own-schedulerts\)[\s\S]*## own-scheduler\.ts\n\n```ts\n\/\/ A scheduler/,
  )
  expect(read('public/files/LICENSE.txt')).toContain('Apache License')
  expect(read('public/llms.txt')).toContain('- [Safety](safety.md): ')
  expect(read('public/llms-full.txt')).toContain(read('safety.md').trim())
  expect(read('public/safety.md')).toBe(read('safety.md'))
})

it('puts the tables of the English guide into the Chinese one', () => {
  const table = /\| memory \|[\s\S]*?\n\n/.exec(read('memory.md'))?.[0].trim() ?? 'none'
  expect(read('zh/memory.md')).toContain(table)
})

it('says on a Chinese page that there is none', () => {
  mkdirSync(path.join(folder, 'api'), { recursive: true })
  writeFileSync(path.join(folder, 'api/core.md'), '# @viscpm/core {#top}\n')
  const safety = read('zh/safety.md')
  writeStubs(folder)
  expect(read('zh/api/core.md')).toContain('# @viscpm/core\n\n这一页只有英文：[@viscpm/core](/api/core.md)。')
  expect(read('zh/safety.md')).toBe(safety)
})
