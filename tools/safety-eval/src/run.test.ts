import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { embeddedPictures } from './data.js'
import { goldens } from './fixtures/goldens.js'
import { picturesIn } from './pictures.js'
import { type Measured, runEval } from './run.js'
import { latencyMarkdown, ratesMarkdown, wrongTexts } from './table.js'

const none: Measured = { bert: undefined, stableDiffusion: undefined, pictures: undefined, words: [], limit: 2 }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-safety-eval-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a run', () => {
  it('measures the word list, and lists of the user', async () => {
    const file = join(folder, 'mine.txt')
    await writeFile(file, '无害词\n色情\n')
    const lines: string[] = []
    const run = { budgetMs: 1, onProgress: (text: string) => lines.push(text) }
    const report = await runEval({ ...none, words: [{ language: 'zh', file }] }, run)
    expect(report.checkers).toEqual([{ name: 'word-list', modelHash: expect.stringMatching(/^[0-9a-f]{64}$/) }])
    expect(report.groups.every(group => group.count <= 2)).toBe(true)
    const mine = report.groups.find(group => group.group === 'mine.txt, all')
    expect(mine).toMatchObject({ language: 'zh', harmful: true, count: 2, wrong: 1, wrongTexts: ['无害词'] })
    expect(report.latency.map(l => l.characters)).toEqual([10, 100, 1000, 10000, 10, 100, 1000, 10000])
    expect(lines.length).toBeGreaterThan(report.groups.length)
    expect(ratesMarkdown(report)).toContain('| mine.txt, all | zh | 2 | 1 |')
    expect(latencyMarkdown(report)).toContain('| word-list | zh | 10000 |')
    expect(wrongTexts(report, 1)).toContain('word-list lets pass: mine.txt, all (zh)\n  "无害词"')
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  it('stops when aborted, and says what is not there before it measures', async () => {
    const abort = new AbortController()
    const run = { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) }
    await expect(runEval(none, run)).rejects.toThrow('enough')
    const silent = { onProgress: () => expect.unreachable() }
    const pictures = { ...none, stableDiffusion: folder, pictures: folder }
    await expect(runEval(pictures, silent)).rejects.toThrow('no pictures')
    const folders = { ...none, bert: join(folder, 'bert') }
    await expect(runEval(folders, silent)).rejects.toThrow('no such folder')
    const checkers = { ...none, stableDiffusion: join(folder, 'sd') }
    await expect(runEval(checkers, silent)).rejects.toThrow('no such folder')
    const missing = { ...none, words: [{ language: 'en', file: join(folder, 'none.txt') }] } as const
    await expect(runEval(missing, silent)).rejects.toThrow('none.txt')
  })
})

const recorded = goldens('safety')
describe.skipIf(!recorded)("the original's checkers", () => {
  // Random weights: that they are measured counts, not what comes out.
  it('are measured where their folders are given', async () => {
    const [bert, stableDiffusion] = [join(recorded!, 'text_checker'), join(recorded!, 'safety_checker')]
    const report = await runEval({ ...none, limit: 1, bert, stableDiffusion }, { budgetMs: 1 })
    const names = ['word-list', 'bert-prompt-checker', 'stable-diffusion-safety-checker']
    expect(report.checkers.map(checker => checker.name)).toEqual(names)
    expect(report.checkers.every(({ modelHash }) => /^[0-9a-f]{64}$/.test(modelHash ?? ''))).toBe(true)
    const [words, read] = names.map(name => report.groups.filter(group => group.checker === name))
    expect(read!.map(group => group.group)).toEqual(words!.map(group => group.group))
    expect(report.unknownTokens.map(u => u.language)).toEqual(['en', 'zh'])
    expect(report.unknownTokens.every(u => u.tokens > u.unknown && u.unknown >= 0)).toBe(true)
    const pictures = (await picturesIn(embeddedPictures)).length
    expect(pictures).toBeGreaterThan(40)
    expect(report.pictures).toEqual([expect.objectContaining({ checker: names[2], count: pictures })])
    const markdown = ratesMarkdown(report)
    expect(markdown).toContain('| disguise | words | plain match | word-list | bert-prompt-checker |')
    expect(markdown).toContain(`| stable-diffusion-safety-checker | ${pictures} |`)
  })
})
