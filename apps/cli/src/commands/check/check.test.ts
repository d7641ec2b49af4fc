import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Verdict } from '@viscpm/core'
import { missingChecker, policyOf, Safety, type SafetySetup } from '@viscpm/safety'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { files, run, start, until } from '../../fixtures/harness.js'
import {
  checkerFolders,
  hasCheckers,
  recordedCheckers,
  recordedPictures,
  recordedPrompt,
} from '../../fixtures/recorded-checkers.js'
import type { Services } from '../../services.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'viscpm-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const { picture } = files
const note = 'Give a checker with --image-checker FOLDER.'

/** Services whose checkers say what a test wants them to. */
function saying(verdict: Verdict | (() => Promise<never>)): Partial<Services> {
  const check = async () => (typeof verdict === 'function' ? verdict() : verdict)
  const checker = { name: 'test', check }
  return {
    buildSafety: async ({ preset }: SafetySetup) => ({
      safety: new Safety({ policy: policyOf(preset), prompt: [checker], image: [checker] }),
      dispose: async () => {},
    }),
  }
}

describe('check', () => {
  it('shows what is blocked, what passes, and what nobody has looked at', async () => {
    const { code, stdout, stderr } = await run(['check', 'a p0rn picture', '一只猫', picture])
    expect(code).toBe(3)
    const [header, blocked, passed, unchecked, ...rest] = stdout.split('\n')
    expect(header).toMatch(/^input +action +decision +category +score \/ threshold +checker +reason$/)
    expect(blocked).toMatch(/^a p0rn picture +block +harmful +sexual +- +word-list +a listed word, p\*\*\*$/)
    expect(passed).toMatch(/^一只猫 +allow +nothing found +- +- +word-list$/)
    expect(unchecked).toMatch(/^….*gradient\.png +not checked +- +- +- +- +no checker of pictures$/)
    expect(rest).toEqual([''])
    expect(stdout).not.toMatch(/harmless|safe/)
    expect(stderr).toBe(
      `safety strict: texts: word-list; pictures: no checker\n1 picture not checked: nothing is known of what is in it. ${note}\n`,
    )
  })

  it('does so in Chinese', async () => {
    const { stdout, stderr } = await run(['check', 'p0rn', '猫', picture, '--lang', 'zh'])
    expect(stdout).toMatch(/拦截 +有害 +色情 +- +word-list +含有词表中的词：p\*\*\*\n/)
    expect(stdout).toMatch(/未检查 .*没有图片检查器\n/)
    expect(stderr).toContain('安全策略 strict：文本：word-list；图片：无检查器\n有 1 张图片未检查')
  })

  it('is one object with --json, with nothing left out', async () => {
    const { code, stdout, stderr } = await run(['check', 'p0rn', 'a cat', picture, '--json'])
    expect([code, stderr]).toEqual([3, ''])
    const verdict = expect.objectContaining({ decision: 'block', category: 'sexual', modelHash: expect.any(String) })
    expect(JSON.parse(stdout)).toEqual({
      policy: 'strict',
      coverage: expect.objectContaining({ prompt: ['word-list'], 'chat-picture': 'none' }),
      blocked: true,
      results: [
        { kind: 'text', text: 'p0rn', checked: true, stage: 'prompt', action: 'block', verdict, verdicts: [verdict] },
        expect.objectContaining({ text: 'a cat', checked: true, action: 'allow' }),
        {
          kind: 'picture',
          file: picture,
          width: expect.any(Number),
          height: expect.any(Number),
          checked: false,
          stage: 'chat-picture',
          action: 'allow',
          verdict: 'none',
          verdicts: [],
        },
      ],
    })
  })

  it.each([
    ['prompt', 'prompt', 'source-picture'],
    ['negative-prompt', 'negative-prompt', 'source-picture'],
    ['question', 'chat-text', 'chat-picture'],
    ['answer', 'chat-answer', 'chat-picture'],
  ])('--as %s', async (as, text, image) => {
    const { code, stdout } = await run(['check', 'a cat', picture, '--as', as, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).results.map(({ stage }: { stage: string }) => stage)).toEqual([text, image])
  })

  it('reads a text from standard input, and does not cut what it checks', async () => {
    const long = `${'a quiet morning by the sea, '.repeat(400)}then p0rn`
    const { code, stdout } = await run(['check', '-'], { stdin: long })
    expect(code).toBe(3)
    expect(stdout).toContain('a quiet morning by the sea,… ')
    expect((await run(['check', long])).code).toBe(3)
    expect((await run(['check', '-'], { stdin: 'a cat\n' })).code).toBe(0)
  })

  it('shows control characters, and never obeys them', async () => {
    const { stdout } = await run(['check', 'a\u001b[2Jb\nc'])
    expect(stdout).toContain('a\\x1b[2Jb c')
  })
})

describe('policies', () => {
  it('upstream leaves questions alone, and says so', async () => {
    const { code, stdout, stderr } = await run(['check', 'p0rn', '--safety', 'upstream', '--as', 'question'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^p0rn +not checked .* unchecked by this policy$/m)])
    expect(stderr).toContain(
      'safety upstream: texts: unchecked by this policy; pictures: no checker\n1 text not checked',
    )
    expect((await run(['check', 'p0rn', '--safety', 'upstream'])).code).toBe(3)
  })

  it('off is said in any case', async () => {
    const { code, stdout, stderr } = await run(['check', 'p0rn', '--safety', 'off', '--quiet', '--json'])
    expect([code, stderr]).toEqual([0, 'safety off: neither texts nor pictures are checked\n'])
    expect(JSON.parse(stdout)).toMatchObject({ policy: 'off', blocked: false, results: [{ checked: false }] })
  })

  it('unknown counts as the policy has it', async () => {
    const services = saying({ decision: 'unknown', checker: 'test', reason: 'tired' })
    const strict = await run(['check', 'a cat', picture], { services })
    expect(strict.code).toBe(3)
    expect(strict.stdout).toMatch(/^a cat +block +unknown +- +- +test +tired$/m)
    const upstream = await run(['check', picture, '--safety', 'upstream'], { services })
    expect([upstream.code, upstream.stdout]).toEqual([0, expect.stringMatching(/ tag +unknown .* tired$/m)])
  })

  it('a checker that throws blocks', async () => {
    const throwing = async (): Promise<never> => {
      throw new Error('broken')
    }
    const { code, stdout } = await run(['check', 'a cat'], { services: saying(throwing) })
    expect([code, stdout]).toEqual([3, expect.stringContaining('the checker failed: broken')])
  })

  it('a checker that is missing blocks', async () => {
    const missing = missingChecker('bert', 'no file')
    const buildSafety = async () => ({
      safety: new Safety({ policy: policyOf('strict'), prompt: [missing] }),
      dispose: async () => {},
    })
    const { code, stdout } = await run(['check', 'a cat', '--json'], { services: { buildSafety } })
    expect([code, JSON.parse(stdout).results[0].verdict.decision]).toEqual([3, 'unknown'])
  })
})

describe('what is wrong', () => {
  it.each<[string, string[], number, string]>([
    ['a picture that is not there', ['nowhere/cat.png'], 1, 'nowhere/cat.png: no such picture'],
    ['a file that is no picture', [files.config], 1, 'not a PNG, JPEG, WebP or GIF picture'],
    ['an empty text', [' '], 2, 'the text is empty'],
    ['nothing', [], 2, 'INPUTS is missing'],
    ['standard input twice', ['-', '-'], 2, 'standard input can be read only once'],
    ['an unknown stage', ['x', '--as', 'song'], 2, '--as cannot be "song"'],
    ['an unknown policy', ['x', '--safety', 'mild'], 2, '--safety cannot be "mild"'],
    ['a checker that is never asked', ['x', '--safety', 'off', '--prompt-checker', '.'], 2, 'would never be asked'],
    [
      'one of texts that upstream leaves alone',
      ['x', '--as', 'question', '--safety', 'upstream', '--prompt-checker', '.'],
      2,
      '--prompt-checker would never be asked with --safety upstream',
    ],
    ['no folder of a checker', ['x', '--prompt-checker', '/nowhere'], 1, '/nowhere: no such folder'],
    ['a file in its place', ['x', '--image-checker', files.config], 1, 'a file, not a folder'],
    ['a folder for the audit', ['x', '--audit', '/'], 1, 'no audit lines can be written here'],
    ['no folder for the audit', ['x', '--audit', '/nowhere/a.jsonl'], 1, 'no audit lines can be written here (ENOENT)'],
  ])('%s: found before anything is checked', async (_what, argv, exit, message) => {
    const buildSafety = vi.fn()
    const { code, stdout, stderr } = await run(['check', ...argv], { services: { buildSafety } })
    expect(stderr).toContain(message)
    expect([code, stdout]).toEqual([exit, ''])
    expect(buildSafety).not.toHaveBeenCalled()
  })

  it('a name of a picture is said to be no text', async () => {
    const { stderr } = await run(['check', 'look at cat.PNG'])
    expect(stderr).toContain('If it is a text, give it on standard input')
  })

  it('nothing on standard input', async () => {
    expect((await run(['check', '-'])).stderr).toContain('the text is empty')
    expect((await run(['check', '-'], { tty: true })).stderr).toContain('pipe one in')
  })

  it('the name of a folder is a text', async () => {
    mkdirSync(join(folder, 'cat'))
    expect((await run(['check', join(folder, 'cat')])).stdout).toMatch(/ allow /)
  })

  it('Ctrl-C ends it with 130, and frees the checkers', async () => {
    let asked = false
    const dispose = vi.fn(async () => {})
    const hanging = {
      name: 'test',
      check: () => {
        asked = true
        return new Promise<never>(() => {})
      },
    }
    const safety = new Safety({ policy: policyOf('strict'), prompt: [hanging] })
    const running = start(['check', 'x'], { services: { buildSafety: async () => ({ safety, dispose }) } })
    await until(() => asked, 'the check')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(dispose).toHaveBeenCalledOnce()
  })
})

describe.skipIf(!hasCheckers)("the original's checkers", () => {
  it('stand beside the word list, and say their scores', async () => {
    const [flagged, harmless] = [recordedPrompt(true), recordedPrompt(false)]
    const pictures = [recordedPictures.flagged, recordedPictures.harmless]
    const argv = ['check', flagged.text, harmless.text, 'p0rn', ...pictures]
    const both = [...recordedCheckers.prompt, ...recordedCheckers.image]
    const { code, stdout, stderr } = await run([...argv, ...both])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^loading .*text_checker, .*safety_checker\nloaded .*\nsafety strict: /)
    expect(stderr).toContain('texts: word-list, bert-prompt-checker; pictures: stable-diffusion-safety-checker\n')
    expect(stderr).not.toContain('not checked')
    const lines = stdout.split('\n')
    const score = (of: { score: number }) => `${of.score.toFixed(3)} / 0.750`
    expect(lines[1]).toMatch(
      new RegExp(`^${flagged.text} +block +harmful +LABEL_1 +${score(flagged)} +bert-prompt-checker`),
    )
    expect(lines[2]).toMatch(/^ +nothing found .* word-list$/)
    expect(lines[4]).toMatch(new RegExp(`^ +nothing found +- +${score(harmless)} +bert-prompt-checker$`))
    // What the word list blocks, no other checker is asked about.
    expect(lines[5]).toMatch(/^p0rn +block +harmful +sexual/)
    expect(lines[6]).toMatch(
      /pool_15\.png +block +harmful +concept \d+ +0\.227 \/ 0\.000 +stable-diffusion-safety-checker/,
    )
    expect(lines[7]).toMatch(/pool_17\.png +allow +nothing found +- +-0\.103 \/ 0\.000 /)
    const json = JSON.parse((await run([...argv, ...both, '--json'])).stdout)
    expect(json.results[0].verdicts).toHaveLength(2)
    expect(json.results[3].verdict).toMatchObject({ modelHash: expect.stringMatching(/^[0-9a-f]{64}$/) })
  })

  it('leave a line for each decision, without the content', async () => {
    const audit = join(folder, 'audit.jsonl')
    const { text } = recordedPrompt(true)
    const { flagged } = recordedPictures
    await run(['check', text, flagged, '--audit', audit, ...recordedCheckers.image])
    await run(['check', 'p0rn', '--audit', audit, '--safety', 'off'])
    const written = readFileSync(audit, 'utf8')
    expect(
      written
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toMatchObject([
      { stage: 'prompt', action: 'allow', policy: 'strict', input: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { stage: 'chat-picture', action: 'block', checker: 'stable-diffusion-safety-checker' },
      { stage: 'prompt', action: 'allow', policy: 'off', verdict: 'none' },
    ])
    expect(written).not.toContain(text)
    if (process.platform !== 'win32') expect(statSync(audit).mode & 0o777).toBe(0o600)
  })

  it.each<[string, () => string[], string]>([
    ['the one for the other', () => ['--prompt-checker', checkerFolders.image], 'model_type'],
    ['the other for the one', () => ['--image-checker', checkerFolders.prompt], 'model_type'],
    ['no vocabulary', () => ['--prompt-checker', copied('prompt', 'config.json', 'model.safetensors')], 'vocab.txt'],
    ['no weights', () => ['--prompt-checker', copied('prompt', 'config.json', 'vocab.txt')], 'no checkpoint'],
    ['broken weights', () => ['--image-checker', damaged()], 'model.safetensors'],
  ])('are refused before they are loaded: %s', async (_what, argv, message) => {
    const buildSafety = vi.fn()
    const { code, stdout, stderr } = await run(['check', 'x', ...argv()], { services: { buildSafety } })
    expect(stderr).toContain(message)
    expect([code, stdout]).toEqual([1, ''])
    expect(buildSafety).not.toHaveBeenCalled()
  })

  it('weights of another shape are an error, not a verdict', async () => {
    const wrong = copied('prompt', 'vocab.txt', 'model.safetensors')
    const config = JSON.parse(readFileSync(join(checkerFolders.prompt, 'config.json'), 'utf8'))
    writeFileSync(
      join(wrong, 'config.json'),
      JSON.stringify({ ...config, intermediate_size: 2 * config.intermediate_size }),
    )
    const { code, stdout, stderr } = await run(['check', 'x', '--prompt-checker', wrong])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/error: .*shape/)
  })

  function copied(which: 'prompt' | 'image', ...names: string[]): string {
    for (const name of names) writeFileSync(join(folder, name), readFileSync(join(checkerFolders[which], name)))
    return folder
  }

  function damaged(): string {
    copied('image', 'config.json')
    writeFileSync(join(folder, 'model.safetensors'), 'no tensors at all')
    return folder
  }
})
