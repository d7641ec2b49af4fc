import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Candidate, PaintResult } from '@viscpm/paint'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakePainterOptions, fakePainter } from '../../fixtures/fake-painter.js'
import { run } from '../../fixtures/harness.js'
import { hasCheckers, recordedCheckers, recordedPictures, recordedPrompt } from '../../fixtures/recorded-checkers.js'
import { hasPainter, painterInThread, recordedPainter } from '../../fixtures/recorded-painter.js'

let folder: string
let out: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'viscpm-cli-'))
  out = join(folder, 'cat.png')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const names = () => readdirSync(folder).sort()

async function paint(argv: readonly string[], options: FakePainterOptions = {}) {
  const painter = fakePainter(options)
  const finished = await run(['paint', ...argv, '-o', out], { services: { loadPainter: painter.load } })
  return { ...finished, painter }
}

const verdict = { decision: 'block', checker: 'eyes', category: 'blood', reason: 'red' } as const

/** Changes candidates by their number. */
const changing =
  (changes: Record<number, Partial<Candidate>>) =>
  (r: PaintResult): PaintResult => ({ ...r, candidates: r.candidates.map((c, i) => ({ ...c, ...changes[i] })) })

const withheld = { withheld: true, action: 'block', verdict, verdicts: [verdict] } as const

describe('what is checked', () => {
  it('travels to the painter as it can be copied', async () => {
    const { painter } = await paint(['x'])
    expect(painter.loaded[0]!.options.safety).toEqual({ preset: 'strict' })
    const audit = join(folder, 'a.jsonl')
    const more = await paint(['x', '--safety', 'upstream', '--audit', audit, '--threads', '2'])
    const setup = more.painter.loaded[0]!.options.safety
    expect(setup).toEqual({ preset: 'upstream', audit, threads: 2 })
    expect(structuredClone(setup)).toEqual(setup)
    expect(more.stderr).toContain(
      'the prompt: word-list; the negative prompt: unchecked by this policy; the picture to start from: unchecked by this policy; the painted picture: no checker',
    )
    expect(JSON.parse(readFileSync(audit, 'utf8'))).toMatchObject({ stage: 'prompt', policy: 'upstream' })
  })

  it('is looked at before anything is loaded', async () => {
    const loadPainter = vi.fn()
    const argv = ['paint', 'x', '-o', out, '--image-checker', '/nowhere']
    const { code, stderr } = await run(argv, { services: { loadPainter } })
    expect([code, stderr]).toEqual([1, expect.stringContaining('/nowhere: no such folder')])
    expect(loadPainter).not.toHaveBeenCalled()
  })
})

describe('a blocked prompt', () => {
  it('says what, by whom, why and what to do: exit code 3, nothing written', async () => {
    const { code, stdout, stderr, painter } = await paint(['a p0rn picture'])
    expect([code, stdout, names()]).toEqual([3, '', []])
    expect(stderr).toContain('error: the prompt was blocked by word-list (sexual): a listed word, p*** hint: Put it in')
    expect(painter.loaded).toEqual([]) // the word list needs no painter
    const { stderr: chinese } = await paint(['a p0rn picture', '--lang', 'zh'])
    expect(chinese).toContain('提示词被拦截：word-list（类别：色情），原因：含有词表中的词：p***')
  })

  it('is an object with --json', async () => {
    const { code, stdout } = await paint(['p0rn', '--json'])
    expect(code).toBe(3)
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'BLOCKED',
      stage: 'prompt',
      action: 'block',
      verdicts: [{ checker: 'word-list', category: 'sexual' }],
    })
  })

  it('is in the audit though no painter was loaded; so is a negative one', async () => {
    const audit = join(folder, 'a.jsonl')
    const { code, painter } = await paint(['a cat', '--negative', 'p0rn', '--audit', audit])
    expect([code, painter.loaded]).toEqual([3, []])
    const lines = readFileSync(audit, 'utf8').trim().split('\n')
    expect(lines.map(line => JSON.parse(line))).toMatchObject([
      { stage: 'prompt', action: 'allow', policy: 'strict' },
      { stage: 'negative-prompt', action: 'block', policy: 'strict', checker: 'word-list' },
    ])
    expect(lines.join()).not.toContain('p0rn')
    const { code: upstream } = await paint(['a cat', '--negative', 'p0rn', '--safety', 'upstream'])
    expect(upstream).toBe(0) // the original does not look at it
  })

  it('is painted when safety is off, which is said', async () => {
    const { code, stderr } = await paint(['p0rn', '--safety', 'off', '--quiet'])
    expect([code, stderr]).toEqual([0, 'safety off: neither texts nor pictures are checked\n'])
  })
})

describe('painted pictures', () => {
  it('that are withheld are not written: exit code 3, with the reasons', async () => {
    const result = changing({ 0: withheld })
    const { code, stdout, stderr } = await paint(['x', '--count', '2', '--keep'], { result })
    expect(code).toBe(3)
    expect(stderr).toContain('the picture checker withheld 1 of 2 candidates\n  1 x eyes (blood): red\n')
    expect(stderr).toContain('error: the picture checker withheld every candidate of 1 of 2 pictures hint: Ask for')
    expect(names()).toEqual(['cat-2-candidate-1.png', 'cat-2.png', 'cat-sheet.png'])
    expect(stdout).not.toContain('cat-1')
    const { stdout: json } = await paint(['x', '--count', '2', '--json'], { result })
    const { pictures, candidates } = JSON.parse(json)
    expect(pictures).toEqual([
      { file: null, candidate: 0 },
      { file: join(folder, 'cat-2.png'), candidate: 1 },
    ])
    expect(candidates[0]).toMatchObject({ withheld: true, action: 'block', verdict, verdicts: [verdict] })
  })

  it('that were painted in place of blocked ones are told of', async () => {
    const result = changing({
      0: {
        replaced: [
          { verdict, verdicts: [verdict] },
          { verdict, verdicts: [verdict], seed: '7' },
        ],
      },
    })
    const { code, stderr } = await paint(['x'], { result })
    expect(code).toBe(0)
    expect(stderr).toContain(
      'the picture checker blocked 2 pictures; others were painted in their place\n  2 x eyes (blood): red\n',
    )
    const { stdout } = await paint(['x', '--json'], { result })
    expect(JSON.parse(stdout).candidates[0].replaced).toMatchObject([{ verdict }, { seed: '7' }])
    expect((await paint(['x', '--lang', 'zh'], { result })).stderr).toContain('图片检查器拦截了 2 张图，已另画替换')
  })

  it('that a policy only flags are shown, with the reasons', async () => {
    const result = changing({ 0: { action: 'tag', verdict, verdicts: [verdict] } })
    const { code, stderr } = await paint(['x'], { result })
    expect([code, names()]).toEqual([0, ['cat.png']])
    expect(stderr).toContain('the picture checker flagged 1 of 1 candidate\n  1 x eyes (blood): red\n')
  })

  it('that were withheld and chosen all the same are not written', async () => {
    const result = changing({ 3: withheld })
    const { code, stderr } = await paint(['x'], { result, ranked: true })
    expect([code, names()]).toEqual([3, []])
    expect(stderr).toContain('the best candidate of 1 of 1 picture is one that the picture checker withheld')
  })
})

describe.skipIf(!hasCheckers || !hasPainter)('the real painter', () => {
  const real = (argv: readonly string[], size: readonly string[] = ['--size', '32']) =>
    run(['paint', ...argv, '-o', out, '--steps', '2', ...size, ...recordedPainter], {
      services: painterInThread,
    })

  it("blocks what the original's prompt checker flags", async () => {
    const { code, stderr } = await real([recordedPrompt(true).text, ...recordedCheckers.prompt])
    expect([code, existsSync(out)]).toEqual([3, false])
    expect(stderr).toMatch(
      /the prompt was blocked by bert-prompt-checker \(LABEL_1\): LABEL_1 has 0\.\d+, more than 0\.75/,
    )
  })

  it('blocks a picture to start from', async () => {
    const { code, stderr } = await real(['x', '--image', recordedPictures.flagged, ...recordedCheckers.image], [])
    expect([code, existsSync(out)]).toEqual([3, false])
    expect(stderr).toContain('error: the picture to start from was blocked by stable-diffusion-safety-checker')
  })

  it('says what was said of what it painted', async () => {
    const { stdout } = await real(['一只猫', '--json', ...recordedCheckers.image])
    const { candidates, safety } = JSON.parse(stdout)
    expect(candidates[0].verdict).toMatchObject({ checker: 'stable-diffusion-safety-checker', threshold: 0 })
    expect(safety).toMatchObject({ policy: 'strict', painted: 'stable-diffusion-safety-checker' })
  })
})
