import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharpCodec } from '@viscpm/core/node'
import type { Job, JobQueue, JobRequest, PaintedResult } from '@viscpm/server'
import { QueueFullError } from '@viscpm/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fakePainter } from '../../fixtures/fake-painter.js'
import { run, start, until } from '../../fixtures/harness.js'

let folder: string
let prompts: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-eval-paint-'))
  prompts = join(folder, 'captions.jsonl')
  await writeFile(prompts, '{"en":"a cat","zh":"一只猫"}\n{"en":"a dog","zh":"一只狗"}\n')
})
afterEach(() => rm(folder, { recursive: true }))

const args = (...more: string[]): string[] => [
  ...['eval', 'paint', '--prompts', prompts, '--output', join(folder, 'set'), '--resamples', '0', '--subsets', '3'],
  ...more,
]
const painted = async (): Promise<string[]> =>
  (await readdir(join(folder, 'set'))).filter(name => name.endsWith('.png')).sort()

describe('viscpm eval paint', () => {
  test('paints both languages with one seed a line, and prints a table that says what it is', async () => {
    const fake = fakePainter()
    const { code, stdout, stderr } = await run(args('--seed', '5', '--resamples', '20'), {
      services: { loadPainter: fake.load },
    })
    expect([code, stderr]).toEqual([0, expect.stringContaining('painted 4 in')])
    expect(fake.asked.map(({ prompt, seed, preset }) => [prompt, seed, preset])).toEqual([
      ['a cat', 5n, 'fast'],
      ['一只猫', 5n, 'fast'],
      ['a dog', 6n, 'fast'],
      ['一只狗', 6n, 'fast'],
    ])
    expect(stdout).toMatch(/^language +guidance +pictures +withheld +FD \(CLIP\) +KD \(CLIP\) x 1000 +CLIP score\n/)
    expect(stdout).toMatch(
      /^en +the model's +2 +0 +\d\.\d{4} \[\d\.\d{4}, \d\.\d{4}\] +-?\d+\.\d\d ± \d+\.\d\d +\d+\.\d\d/m,
    )
    expect(stdout).toContain('They are FID-like, no FID')
    expect(stdout).toContain('Real: @viscpm/tiny, 48 pictures.')
  })

  test('goes on with what is there; another setting is refused', async () => {
    const first = fakePainter()
    await run(args('--language', 'en'), { services: { loadPainter: first.load } })
    await rm(join(folder, 'set', '00001-en.png'))
    const second = fakePainter()
    const { code, stderr } = await run(args('--language', 'en'), { services: { loadPainter: second.load } })
    expect(code).toBe(0)
    expect(second.asked.map(({ prompt }) => prompt)).toEqual(['a dog'])
    expect(stderr).toContain('1 pictures were damaged or missing')
    const other = await run(args('--language', 'en', '--steps', '3'), { services: { loadPainter: first.load } })
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('holds results of other settings')])
  })

  test('a row for each guidance, every figure as JSON, statistics saved and taken as the real side', async () => {
    const fake = fakePainter()
    const stats = join(folder, 'real.npz')
    const { stdout } = await run(
      args(
        '--language',
        'zh',
        '--guidance',
        '1.5,3',
        '--json',
        '--save-real',
        stats,
        '--save-stats',
        join(folder, 's.npz'),
      ),
      { services: { loadPainter: fake.load } },
    )
    const report = JSON.parse(stdout)
    expect(report.extractor).toEqual({ name: 'clip-embedded', dim: 128, inception: false })
    expect(report.rows.map((row: { guidance: number; pictures: number }) => [row.guidance, row.pictures])).toEqual([
      [1.5, 2],
      [3, 2],
    ])
    expect((await readdir(folder)).filter(name => name.endsWith('.npz')).sort()).toEqual([
      'real.npz',
      's-zh-guidance-1.5.npz',
      's-zh-guidance-3.npz',
    ])
    const again = await run(['eval', 'paint', '--painted', join(folder, 'set/guidance-3'), '--real', stats, '--json'])
    const [row] = JSON.parse(again.stdout).rows
    expect(row.comparison.frechet.distance).toBeCloseTo(report.rows[1].comparison.frechet.distance, 9)
    expect(row.comparison.kernel).toBeUndefined()
  })

  test('what a checker does not allow is left out and counted', async () => {
    const fake = fakePainter({
      result: result => ({
        ...result,
        candidates: result.candidates.map(one => ({ ...one, withheld: one.metadata.prompt === 'a dog' })),
      }),
    })
    const { stdout } = await run(args('--language', 'en', '--json'), { services: { loadPainter: fake.load } })
    expect(JSON.parse(stdout).rows[0]).toMatchObject({ pictures: 1, withheld: 1 })
    expect(await painted()).toEqual(['00000-en.png'])
  })

  test('a shard paints its part and says what is missing', async () => {
    const fake = fakePainter()
    const first = await run(args('--shard', '1/2'), { services: { loadPainter: fake.load } })
    expect(first.stdout).toContain('Part 1 of 2 is painted; 2 pictures of other parts are not.')
    const second = await run(args('--shard', '2/2', '--json'), { services: { loadPainter: fake.load } })
    expect(JSON.parse(second.stdout).rows).toHaveLength(2)
    expect(fake.asked).toHaveLength(4)
  })

  test('JPEG files are warned of, and prompts have to fit the pictures', async () => {
    const image = { width: 8, height: 8, data: new Uint8Array(192).map((_, i) => i) }
    for (const name of ['a.jpg', 'b.jpg']) await writeFile(join(folder, name), await sharpCodec().encode(image, 'jpeg'))
    const { stdout } = await run(['eval', 'paint', '--painted', folder])
    expect(stdout).toContain('2 of the painted pictures are JPEG files')
    const { code, stderr } = await run(['eval', 'paint', '--painted', folder, '--prompts', prompts])
    expect([code, stderr]).toEqual([2, expect.stringContaining('2 pictures for 4 prompts')])
  })

  test.each([
    [['--model', 'other'], '--real is missing'],
    [['--shard', '3/2'], '--shard'],
    [['--painted', 'x', '--queue', 'y'], 'cannot be used with'],
    [['--queue', 'y', '--threads', '2'], 'cannot be used with'],
    [['--queue', 'y', '--safety', 'off'], 'cannot be used with'],
    [['--real', 'none.npz'], 'none.npz'],
    [['--inception', 'none.pth'], 'none.pth'],
  ])('%j fails before anything is painted', async (more, message) => {
    const fake = fakePainter()
    const { code, stderr } = await run(args(...more), { services: { loadPainter: fake.load } })
    expect(code).not.toBe(0)
    expect(stderr).toContain(message)
    expect(fake.asked).toEqual([])
  })

  test('Ctrl-C keeps what was painted', async () => {
    let running: ReturnType<typeof start> | undefined
    const fake = fakePainter({
      gate: async () => {
        if (fake.asked.length === 2) running?.interrupt()
      },
    })
    running = start(args('--language', 'en'), { stdin: '', services: { loadPainter: fake.load } })
    expect(await running.exitCode).toBe(130)
    expect(await painted()).toEqual(['00000-en.png'])
    expect((await readFile(join(folder, 'set/pictures.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(2)
  })
})

/** Workers that answer at once, after the line was full a first time. */
function fakeQueue(hang = false): { queue: JobQueue; asked: JobRequest[]; cancelled: () => number } {
  const asked: JobRequest[] = []
  let [full, cancelled] = [true, 0]
  const queue: JobQueue = {
    async submit(request) {
      if (full) {
        full = false
        throw new QueueFullError('full', 0.01)
      }
      asked.push(request)
      const image = { width: 4, height: 4, data: new Uint8Array(48).fill(asked.length) }
      const png = await sharpCodec().encode(image, 'png')
      const result = {
        ...{ kind: 'paint', status: 'painted', chosen: [0] },
        candidates: [{ png, withheld: false, verdict: 'none' }],
      } as unknown as PaintedResult
      return {
        result: () => (hang ? new Promise(() => {}) : Promise.resolve(result)),
        cancel: async () => void cancelled++,
      } as unknown as Job
    },
    find: async () => undefined,
    counts: async () => ({ queued: 0, running: 0 }),
    countsByModel: async () => [],
    close: async () => {},
  }
  return { queue, asked, cancelled: () => cancelled }
}

describe('viscpm eval paint --queue', () => {
  test('sends the prompts as jobs, and waits where the line is full', async () => {
    const { queue, asked } = fakeQueue()
    const { code } = await run(
      args('--queue', 'redis://x', '--guidance', '4', '--scheduler', 'dpmpp-sde', '--steps', '9'),
      {
        services: { openQueue: async () => queue },
      },
    )
    expect(code).toBe(0)
    expect(asked).toHaveLength(4)
    expect(asked).toContainEqual({
      ...{ kind: 'paint', model: 'tiny', prompt: '一只狗', count: 1, candidates: 1, seed: '1', previews: false },
      ...{ steps: 9, guidanceScale: 4 },
      scheduler: { _class_name: 'DPMSolverMultistepScheduler', algorithm_type: 'sde-dpmsolver++' },
    })
  })

  test('Ctrl-C takes its jobs out of the line', async () => {
    const { queue, asked, cancelled } = fakeQueue(true)
    const running = start(args('--queue', 'redis://x'), { stdin: '', services: { openQueue: async () => queue } })
    await until(() => asked.length === 4, 'all are sent')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(cancelled()).toBe(4)
  })
})
