import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnswerScore } from '@viscpm/chat'
import { FileNotFoundError, type Image } from '@viscpm/core'
import type { PaintResult } from '@viscpm/paint'
import type { Reranker } from '@viscpm/reranker'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakePainter, type FakePainterOptions, fakePainter } from '../../fixtures/fake-painter.js'
import { run, start, until } from '../../fixtures/harness.js'
import { hasPainter, painterInThread, recordedPainter } from '../../fixtures/recorded-painter.js'
import type { ChatLoadOptions, Critic } from '../../models.js'
import { services as realServices, type Services } from '../../services.js'

let folder: string
let out: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'viscpm-cli-'))
  out = join(folder, 'cat.png')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface FakeCritic {
  readonly loaded: { where: string; options: ChatLoadOptions }[]
  readonly asked: { question: string; answers: readonly string[] }[]
  readonly log: string[]
  readonly load: Services['loadCritic']
}

/** A chat that finds a picture as likely as a test says. */
function fakeCritic(likely: (image: Image, asked: number) => number, gate?: () => Promise<void>): FakeCritic {
  const found: Omit<FakeCritic, 'load'> = { loaded: [], asked: [], log: [] }
  const critic: Critic = {
    name: 'fake-chat',
    ask: async () => ({ text: 'A cat.', finishReason: 'stop' }),
    score: async (image, question, answers): Promise<AnswerScore[]> => {
      await gate?.()
      found.asked.push({ question, answers })
      const logProb = likely(image!, found.asked.length - 1)
      return answers.map(() => ({ logProb, logProbs: [logProb] }))
    },
    dispose: async () => void found.log.push('dispose'),
  }
  const load: Services['loadCritic'] = async (where, options) => {
    found.loaded.push({ where, options })
    return critic
  }
  return { ...found, load }
}

/** A fake painter that lets the ranker that it was given choose, as the real one does. */
function rankingPainter(options: FakePainterOptions = {}): FakePainter {
  const fake = fakePainter({ ranked: true, ...options })
  const choosing = async (result: PaintResult, { name: by, languages, best }: Reranker): Promise<PaintResult> => {
    const images = result.candidates.map(({ image }) => image)
    const { index, scores } = await best(result.candidates[0]!.metadata.prompt, images, { truncate: true })
    const candidates = result.candidates.map((one, i) => ({ ...one, score: scores[i]! }))
    return { ...result, candidates, chosen: [index], images: [images[index]!], ranking: { by, languages } }
  }
  return {
    ...fake,
    load: async (where, given) => {
      await fake.load(where, given)
      const { reranker } = given
      const bound = reranker && { ...reranker, name: reranker.name, languages: reranker.languages }
      return {
        ...fake,
        generate: async request => {
          const result = await fake.generate(request)
          return reranker
            ? choosing(result, { ...bound!, score: reranker.score.bind(reranker), best: reranker.best.bind(reranker) })
            : result
        },
      }
    },
  }
}

/** The darker, the likelier: not the choice of the fake painter, which takes the last and lightest. */
const darker = (image: Image): number => -image.data[0]!

async function paint(argv: readonly string[], painter = rankingPainter(), critic = fakeCritic(darker)) {
  const services = { loadPainter: painter.load, loadCritic: critic.load }
  const finished = await run(['paint', ...argv, '-o', out], { services })
  return { ...finished, painter, critic }
}

const shade = async (file: string) => (await realServices.loadImage(file, {})).data[0]

describe('viscpm paint --rank-by self', () => {
  it("writes the picture that the chat's scores choose", async () => {
    const { code, stdout, stderr, painter, critic } = await paint(['a red cat', '--rank-by', 'self'])
    expect([code, stdout]).toEqual([0, `${out}\n`])
    expect(stderr).toContain('the best of 4, says self-critique (caption, fake-chat)')
    expect(await shade(out)).toBe(10)
    expect(critic.asked).toEqual(
      Array.from({ length: 4 }, () => ({ question: 'What is this?', answers: ['It is a red cat.'] })),
    )
    expect(painter.loaded[0]!.options).toMatchObject({ ranker: false, reranker: { way: 'caption' } })
    expect([painter.log, critic.log]).toEqual([['dispose'], ['dispose']])
    const second = await paint(
      ['一只红猫', '--rank-by', 'self', '--json'],
      undefined,
      fakeCritic((_, i) => (i === 1 ? -1 : -2)),
    )
    const { pictures, candidates, ranking } = JSON.parse(second.stdout)
    expect(pictures).toMatchObject([{ candidate: 1 }])
    expect(candidates.map(({ score }: { score: number }) => score)).toEqual([-2, -1, -2, -2])
    expect(ranking).toEqual({ by: 'self-critique (caption, fake-chat)', languages: ['zh', 'en'] })
    expect(second.critic.asked[0]).toEqual({ question: '这是什么？', answers: ['这是一只红猫。'] })
    expect(await shade(out)).toBe(30)
  })

  it('loads the chat that --critic names, with as many threads; none unless it is to choose', async () => {
    const named = await paint(['x', '--rank-by', 'self', '--critic', 'big', '--threads', '2', '--device', 'cpu'])
    expect(named.critic.loaded).toMatchObject([{ where: 'big', options: { threads: 2, device: 'cpu' } }])
    const { critic } = await paint(['x', '--rank-by', 'self'])
    expect(critic.loaded.map(({ where }) => where)).toEqual(['tiny'])
    expect(critic.loaded[0]!.options).not.toHaveProperty('threads')
    for (const argv of [[], ['--rank-by', 'clip']]) {
      const other = await paint(['x', ...argv])
      expect(other.critic.loaded).toEqual([])
      expect(other.painter.loaded[0]!.options).not.toHaveProperty('reranker')
      expect(await shade(out)).toBe(70)
    }
    const folderToo = await paint(['x', '--rank-by', 'clip', '--ranker', 'r'])
    expect([folderToo.code, folderToo.painter.loaded[0]!.options.ranker]).toEqual([0, 'r'])
  })

  it.each([
    [['--rank-by', 'self', '--ranker', 'r'], '--rank-by self cannot be used with --ranker'],
    [['--ranker', 'r', '--rank-by=self'], '--rank-by self cannot be used with --ranker'],
    [['--rank-by', 'self', '--no-ranker'], '--rank-by self cannot be used with --no-ranker'],
    [['--rank-by', 'me'], '--rank-by cannot be "me"'],
    [['--critic', 'big'], '--critic has no effect without --rank-by self'],
    [['--rank-by', 'clip', '--critic', 'big'], 'Add --rank-by self, or leave --critic out.'],
  ])('%j: exit code 2 before anything is loaded', async (argv, message) => {
    const { code, stdout, stderr, painter, critic } = await paint(['x', ...argv])
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^error: .*\n/)
    expect([code, stdout, painter.loaded, critic.loaded]).toEqual([2, '', [], []])
    const zh = await paint(['x', '--lang', 'zh', ...argv])
    expect(zh.stderr).toMatch(/不能|不起作用/)
  })

  it('Ctrl-C while it chooses: exit code 130, nothing written, both disposed of', async () => {
    let waits = false
    let answer = () => {}
    const told = new Promise<void>(resolve => (answer = resolve))
    const painter = rankingPainter()
    const critic = fakeCritic(darker, async () => {
      waits = true
      await told
    })
    const running = start(['paint', 'x', '-o', out, '--rank-by', 'self'], {
      services: { loadPainter: painter.load, loadCritic: critic.load },
    })
    await until(() => waits, 'the critic is asked')
    running.interrupt()
    answer()
    expect(await running.exitCode).toBe(130)
    expect([running.stdout(), readdirSync(folder)]).toEqual(['', []])
    expect([painter.log, critic.log]).toEqual([['dispose'], ['dispose']])
  })

  it('a chat or painter that is missing is told, and what was loaded is disposed of', async () => {
    const missing = async (where: string): Promise<never> => {
      throw new FileNotFoundError({ file: where, message: 'no such model' })
    }
    const painter = rankingPainter()
    const noChat = await paint(['x', '--rank-by', 'self', '--critic', 'gone'], painter, {
      ...fakeCritic(darker),
      load: missing,
    })
    expect([noChat.code, noChat.stderr, painter.loaded]).toEqual([
      1,
      expect.stringContaining('gone: no such model'),
      [],
    ])
    const noPainter = await paint(['x', '--rank-by', 'self', '--model', 'away'], { ...painter, load: missing })
    expect([noPainter.code, noPainter.stderr]).toEqual([1, expect.stringContaining('away: no such model')])
    expect(noPainter.critic.log).toEqual(['dispose'])
  })

  it('belongs to painting: `viscpm eval paint` has no such option', async () => {
    const { code, stderr } = await run(['eval', 'paint', '--rank-by', 'self'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('--rank-by')])
  })
})

describe.skipIf(!hasPainter)('the recorded painter', () => {
  it('takes the candidate that the chat finds likeliest', async () => {
    const critic = fakeCritic((_, i) => [-3, -2, -0.5, -1][i]!)
    const argv = ['paint', '一只猫', '--steps', '2', '--seed', '3', '-o', out, '--candidates', 'keep', '--json']
    const { code, stdout } = await run([...argv, '--rank-by', 'self', ...recordedPainter], {
      services: { ...painterInThread, loadCritic: critic.load },
    })
    const { candidates, pictures } = JSON.parse(stdout)
    expect([code, pictures[0].candidate]).toEqual([0, 2])
    expect(candidates.map(({ score }: { score: number }) => score)).toEqual([-3, -2, -0.5, -1])
    const pixels = async (file: string) => (await realServices.loadImage(file, {})).data
    expect(await pixels(out)).toEqual(await pixels(join(folder, 'cat-candidate-3.png')))
  })
})
