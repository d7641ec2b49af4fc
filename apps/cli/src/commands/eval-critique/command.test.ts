import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { tinyFolder } from '@viscpm/chat/node'
import type { Image } from '@viscpm/core'
import type { Judgement } from '@viscpm/eval'
import type { PaintResult } from '@viscpm/paint'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type FakePainter, fakePainter } from '../../fixtures/fake-painter.js'
import { type RunOptions, run, start } from '../../fixtures/harness.js'
import type { Critic, Ranker } from '../../models.js'
import type { Services } from '../../services.js'

const data = join(dirname(tinyFolder()), 'eval', 'judge')

/** Looks for 309 drawings in every picture otherwise, which takes minutes, and has tests of its own. */
vi.mock('@viscpm/eval', async original => ({
  ...(await original<typeof import('@viscpm/eval')>()),
  DrawingJudge: class {
    judge(image: Image): Judgement {
      const right = isDrawn(image)
      return { thing: right, top5: right, right }
    }
  },
}))

interface World {
  readonly prompts: readonly { kind: string; prompt: string }[]
}
let world: World
beforeAll(async () => {
  world = JSON.parse(await readFile(join(data, 'prompts.json'), 'utf8'))
})

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-eval-critique-'))
})
afterEach(() => rm(folder, { recursive: true }))

const drawn: Image = { width: 2, height: 2, data: new Uint8Array([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]) }

/** The second candidate of a prompt for one thing is right; all else is grey. */
const rightSecond = (result: PaintResult): PaintResult => ({
  ...result,
  candidates: result.candidates.map((one, k) => {
    const wanted = world.prompts.find(({ prompt }) => prompt === one.metadata.prompt)!
    return k === 1 && wanted.kind === 'thing' ? { ...one, image: drawn } : one
  }),
})

/** Whether a picture is not grey. */
function isDrawn({ data: pixels }: Image): boolean {
  return pixels[0] !== pixels[2]
}

interface Fakes {
  readonly painter: FakePainter
  readonly services: Partial<Services>
  /** What was loaded, asked of the ranker and the critic, and disposed of. */
  readonly log: string[]
}

/** A ranker that prefers grey, and a chat that prefers what is drawn. */
function fakes(gate?: () => Promise<void>): Fakes {
  const log: string[] = []
  const painter = fakePainter({ steps: 1, result: rightSecond, ...(gate && { gate }) })
  const ranker: Ranker = {
    ...{ name: 'fake-clip', languages: ['zh'] },
    score: async (prompt, images) => {
      log.push(`clip ${prompt}`)
      return images.map(image => (isDrawn(image) ? 0 : 1))
    },
    dispose: async () => void log.push('dispose clip'),
  }
  const critic: Critic = {
    name: 'fake-chat',
    ask: async () => ({ text: 'A thing.', finishReason: 'stop' }),
    score: async (image, _question, answers) => {
      log.push('critic')
      const logProb = image && isDrawn(image) ? -1 : -2
      return answers.map((_, k) => ({ logProb: k === 0 ? logProb : -3, logProbs: [k === 0 ? logProb : -3] }))
    },
    dispose: async () => void log.push('dispose critic'),
  }
  const loading = <T>(name: string, model: T): T => {
    log.push(`load ${name}`)
    return model
  }
  return {
    painter,
    log,
    services: {
      loadPainter: async (where, options) => loading('painter', await painter.load(where, options)),
      loadRanker: async () => loading('clip', ranker),
      loadCritic: async () => loading('critic', critic),
    },
  }
}

const args = (...more: string[]): string[] => [
  ...['eval', 'critique', '--output', join(folder, 'set'), '--candidates', '2', '--steps', '3', '--threads', '1'],
  ...more,
]
const measure = (more: readonly string[], { services }: Fakes, options: RunOptions = {}) =>
  run(args(...more), { ...options, services })
const lines = async (): Promise<string[]> =>
  (await readFile(join(folder, 'set/critique.jsonl'), 'utf8')).trimEnd().split('\n')

describe('viscpm eval critique', () => {
  test('a table for each language and for both, then the figures of the same folder as JSON and in Chinese', async () => {
    const fake = fakes()
    const { code, stdout, stderr } = await measure(['--seed', '5'], fake)
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')])
    expect(fake.painter.loaded).toMatchObject([{ where: 'tiny', options: { ranker: false, threads: 1 } }])
    expect(fake.painter.asked).toHaveLength(14)
    expect(fake.painter.asked[0]).toMatchObject({ candidates: 2, seed: [5n, 6n], steps: 3 })
    expect(fake.painter.asked[1]!.seed).toEqual([5n, 6n]) // the same in Chinese
    expect(fake.painter.asked[0]!.scheduler!.config._class_name).toBe('DPMSolverMultistepScheduler')
    expect([fake.painter.log, fake.log.slice(-2)]).toEqual([['dispose'], ['dispose clip', 'dispose critic']])

    const headings = stdout.split('\n').filter(line => line.includes(' prompts, '))
    expect(headings).toEqual([
      'English: 7 prompts, 1 with right and wrong candidates',
      'Chinese: 7 prompts, 1 with right and wrong candidates',
      'Both languages: 14 prompts, 2 with right and wrong candidates',
    ])
    expect(stdout.split('\n').filter(line => line.startsWith('| chooser | right % | to random'))).toHaveLength(3)
    const both = stdout.slice(stdout.indexOf('Both'))
    expect(both).toMatch(/^\| first candidate \| 0\.0 \[0\.0, 0\.0\] \|/m)
    expect(both).toMatch(/^\| random \(expected\) \| 7\.1 \[\d+\.\d, \d+\.\d\] \| – \| \+7\.1 \[[^|]+\] \| – \|$/m)
    expect(both).toMatch(/^\| Chinese-CLIP \| 0\.0 \[0\.0, 0\.0\] \| -7\.1 \[[^|]+\] \| – \| \d+ \|$/m)
    expect(both).toMatch(/^\| self: caption \| 14\.3 \[[^|]+\] \| \+7\.1 \[[^|]+\] \| \+14\.3 \[[^|]+\] \| \d+ \|$/m)
    expect(both).toMatch(/^\| oracle \| 14\.3 /m)
    expect(stdout).toContain('no model.\n')
    expect(stdout).toContain(`Results: ${join(folder, 'set/critique.jsonl')}\n`)
    expect(await lines()).toHaveLength(1 + 14)
    expect((await readdir(join(folder, 'set'))).filter(name => name.endsWith('.png'))).toHaveLength(28)

    const again = fakes()
    const json = await measure(['--seed', '5', '--json'], again)
    expect(again.painter.asked).toEqual([])
    expect(again.log).not.toContain('critic')
    const report = JSON.parse(json.stdout)
    expect(report).toMatchObject({ seed: 5, candidates: 2, steps: 3, judge: 'drawings' })
    expect(report.records).toBe(join(folder, 'set/critique.jsonl'))
    expect(report.figures.zh).toMatchObject({ prompts: 7, decidable: 1 })
    const right = report.figures.both.choosers.map((one: { chooser: string; right: { value: number } }) => [
      one.chooser,
      Math.round(one.right.value * 14),
    ])
    expect(right).toEqual([
      ...[
        ['first', 0],
        ['random', 1],
        ['clip', 0],
        ['information', 0],
        ['prompt', 0],
        ['caption', 2],
        ['yes', 2],
      ],
      ['oracle', 2],
    ])

    const zh = await measure(['--seed', '5', '--lang', 'zh'], fakes())
    expect(zh.stdout).toMatch(/\p{Script=Han}.*7/u)
    expect(zh.stdout).not.toContain('prompts,')

    const other = fakes()
    const refused = await measure(['--seed', '6'], other)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('seed was 5, is 6')])
    expect([other.painter.asked, other.painter.log, other.log.slice(-1)]).toEqual([[], ['dispose'], ['dispose critic']])
  })

  test('--among different-prompts: one picture of each prompt, found among those of others; a folder for each', async () => {
    const fake = fakes()
    const more = ['--among', 'different-prompts', '--kinds', 'thing, new colour', '--scenes', '2']
    const { code, stdout } = await measure(more, fake)
    expect([code, fake.painter.asked.length]).toEqual([0, 8])
    expect(fake.painter.asked[0]).toMatchObject({ candidates: 1, seed: [1000n] })
    expect(stdout).toContain("English: 4 prompts, each one's picture among those of others")
    expect(stdout).toMatch(/^\| random \(expected\) \| 50\.0 /m)
    expect(stdout).toMatch(/^\| Chinese-CLIP \| 50\.0 /m) // every picture is grey to it
    expect(stdout).not.toMatch(/oracle|first candidate|no model/)
    const { stdout: json } = await measure([...more, '--json'], fakes())
    expect(JSON.parse(json)).toMatchObject({
      among: 'different-prompts',
      judge: 'prompts',
      figures: { both: { prompts: 8 } },
    })
    const mixed = await measure([], fakes())
    expect([mixed.code, mixed.stderr]).toEqual([2, expect.stringContaining('among was "different-prompts"')])
    expect(mixed.stderr).toContain('Name another')
  })

  test('Ctrl-C: exit code 130, models disposed of; a later run goes on', async () => {
    let running: ReturnType<typeof start> | undefined
    const fake = fakes(async () => {
      if (fake.painter.asked.length === 3) running?.interrupt()
    })
    running = start(args(), { stdin: '', services: fake.services })
    expect(await running.exitCode).toBe(130)
    expect([running.stdout(), running.stderr(), running.listeners()]).toEqual([
      '',
      expect.stringContaining('stopped'),
      0,
    ])
    expect([fake.painter.log, fake.log.slice(-2)]).toEqual([['dispose'], ['dispose clip', 'dispose critic']])
    expect(await lines()).toHaveLength(1 + 2)
    const later = fakes()
    expect((await measure(['--json'], later)).code).toBe(0)
    expect(later.painter.asked).toHaveLength(12)
    expect(later.painter.asked[0]!.prompt).toBe(fake.painter.asked[2]!.prompt)
  })

  test.each([
    [['--among', 'all'], '--among cannot be "all"'],
    [['--kinds', 'thing,song'], '--kinds cannot be "thing,song"'],
    [['--kinds', 'thing', '--among', 'different-prompts'], '--candidates cannot be "2"'],
    [['--scenes', '0'], '--scenes cannot be "0"'],
    [['--scenes', 'all'], '--scenes cannot be "all"'],
    [['--scenes', '11'], '--scenes cannot be "11"'],
    [['--candidates', '0'], '--candidates cannot be "0"'],
    [['--candidates', '1.5'], '--candidates cannot be "1.5"'],
    [['--seed', '-1'], '--seed cannot be "-1"'],
    [['--steps', '0'], '--steps cannot be "0"'],
    [['--threads', '0'], '--threads cannot be "0"'],
  ])('%j: exit code 2 before anything is loaded', async (more, message) => {
    const fake = fakes()
    const { code, stdout, stderr } = await measure(more, fake)
    expect(stderr).toContain(message)
    expect([code, stdout, fake.log, await readdir(folder)]).toEqual([2, '', [], []])
  })

  test('a folder that cannot be made is named, and all that was loaded is disposed of', async () => {
    const fake = fakes()
    const { code, stderr } = await measure(['--output', join(data, 'prompts.json', 'x')], fake)
    expect([code, stderr]).toEqual([1, expect.stringContaining('its folder is a file')])
    expect(fake.log).toEqual(['load painter', 'load clip', 'load critic', 'dispose clip', 'dispose critic'])
  })

  test('a model that cannot be loaded: those before it are disposed of', async () => {
    const { InvalidArgumentError } = await import('@viscpm/core')
    const fake = fakes()
    const loadCritic: Services['loadCritic'] = async () => {
      throw new InvalidArgumentError({ argument: 'threads', message: 'broken' })
    }
    const { stderr } = await run(args(), { services: { ...fake.services, loadCritic } })
    expect(stderr).toContain('broken')
    expect([fake.painter.log, fake.log]).toEqual([['dispose'], ['load painter', 'load clip', 'dispose clip']])
  })
})
