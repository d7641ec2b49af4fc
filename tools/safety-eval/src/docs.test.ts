import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { withMeasured } from './docs-block.js'
import { runEval } from './run.js'
import { ratesMarkdown } from './table.js'

const safety = new URL('../../../docs/safety.md', import.meta.url)
const everything = {
  bert: undefined,
  stableDiffusion: undefined,
  pictures: undefined,
  words: [],
  limit: Number.POSITIVE_INFINITY,
}

describe('docs/safety.md', () => {
  it('shows the rates of the word list as it is: else run `pnpm safety-eval --docs docs/safety.md`', async () => {
    const report = await runEval(everything, { budgetMs: 1 })
    expect(await readFile(safety, 'utf8')).toContain(ratesMarkdown(report))
  })

  it('has a place for the tables that is filled anew', async () => {
    const document = await readFile(safety, 'utf8')
    const [once, twice] = [withMeasured(document, '<one>'), withMeasured(withMeasured(document, '<one>'), '<two>')]
    expect(once).toContain('<one>')
    expect(twice).not.toContain('<one>')
    expect(withMeasured(twice, '<one>')).toBe(once)
    expect(() => withMeasured('no marks', 'x')).toThrow('no place')
  })
})
