import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharpCodec, writeFileAtomic } from '@viscpm/core/node'
import { readPainting } from '@viscpm/paint/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunOptions, run as runHosted } from '../../fixtures/harness.js'
import {
  hasPainter,
  otherPainter,
  painterInThread,
  recordedPainter,
  recordedRanker,
} from '../../fixtures/recorded-painter.js'
import { services as realServices } from '../../services.js'

// Starting a worker from sources takes seconds: only what is about the worker uses one.
const run = (argv: readonly string[], options: RunOptions = {}) =>
  runHosted(argv, { ...options, services: { ...painterInThread, ...options.services } })

const quick = ['--steps', '2', '--seed', '3']

describe.skipIf(!hasPainter)('the recorded painter', () => {
  let folder: string
  let cat: string
  const at = (name: string) => join(folder, name)
  const pixels = async (file: string) => (await realServices.loadImage(file, {})).data
  /** A mask whose 32 columns from `first` on are white. */
  const halfWhite = async (name: string, first: number): Promise<string> => {
    const white = (i: number) => Math.floor(((Math.floor(i / 3) % 64) - first) / 32) === 0
    const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (white(i) ? 255 : 0))
    await writeFileAtomic(at(name), await sharpCodec().encode({ width: 64, height: 64, data }, 'png'))
    return at(name)
  }
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'viscpm-cli-'))
    cat = at('cat.png')
    expect((await run(['paint', '一只猫', ...quick, '-o', cat, ...recordedPainter])).code).toBe(0)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('paints the same in a worker thread', async () => {
    const hosted = await runHosted(['paint', '一只猫', ...quick, '-o', at('hosted.png'), ...recordedPainter])
    expect(hosted.stderr).not.toContain('error')
    expect(await pixels(at('hosted.png'))).toEqual(await pixels(cat))
  })

  it('paints the same with little memory, another with another seed or scheduler', async () => {
    const low = ['paint', '一只猫', ...quick, '-o', at('low.png'), '--memory', 'low', ...recordedPainter]
    await run(low)
    expect(await pixels(at('low.png'))).toEqual(await pixels(cat))
    await run(['paint', '一只猫', ...quick, '--scheduler', 'dpmpp-2m', '-o', at('dpm.png'), ...recordedPainter])
    expect(await pixels(at('dpm.png'))).not.toEqual(await pixels(cat))
    expect(await readPainting(at('dpm.png'))).toMatchObject({
      scheduler: { _class_name: 'DPMSolverMultistepScheduler' },
    })
  })

  it.skipIf(!recordedRanker)('takes the best of four, and keeps them', async () => {
    const argv = ['paint', '一只猫', ...quick, '-o', at('best.png'), '--candidates', 'keep', '--json']
    const { stdout } = await run([...argv, '--ranker', recordedRanker!, ...recordedPainter])
    const { candidates, pictures, ranking } = JSON.parse(stdout)
    const scores: number[] = candidates.map((c: { score: number }) => c.score)
    expect(scores).toHaveLength(4)
    expect(pictures[0].candidate).toBe(scores.indexOf(Math.max(...scores)))
    expect(ranking).toMatchObject({ by: 'chinese-clip', languages: ['zh'] })
    expect(await pixels(at('best.png'))).toEqual(await pixels(at(`best-candidate-${pictures[0].candidate + 1}.png`)))
    const { stdout: ranked } = await run([
      'rank',
      '一只猫',
      ...[1, 2, 3, 4].map(i => at(`best-candidate-${i}.png`)),
      '--model',
      recordedRanker!,
      '--json',
    ])
    const first = JSON.parse(ranked).ranking[0]
    expect(first.file).toBe(at(`best-candidate-${pictures[0].candidate + 1}.png`))
    expect(first.score).toBeCloseTo(Math.max(...scores), 3)
  })

  it('says what only the model can know to be wrong', async () => {
    const { code, stderr } = await run(['paint', 'x', '-o', at('x.png'), '--size', '33', ...recordedPainter])
    expect(stderr).toContain('--width: must be a positive multiple of 8, not 33')
    expect(code).toBe(2)
    const long = await run(['paint', '猫'.repeat(10_000), '-o', at('x.png'), ...recordedPainter])
    expect(long.stderr).toContain('prompt: ')
    expect([long.code, readdirSync(folder).includes('x.png')]).toEqual([1, false])
  })

  it('paints a picture again', async () => {
    const again = await run(['replay', cat, '-o', at('again.png'), ...recordedPainter])
    expect(again.stdout).toBe(`the same pixels\n${at('again.png')}\n`)
    expect(again.code).toBe(0)
    expect(await pixels(at('again.png'))).toEqual(await pixels(cat))
    expect(await readPainting(at('again.png'))).toEqual(await readPainting(cat))
  })

  it('paints a picture again that was painted from one', async () => {
    const [left, right] = [await halfWhite('left.png', 0), await halfWhite('right.png', 32)]
    const from = ['--image', cat, '--mask', left]
    await run(['paint', 'x', ...quick, '-o', at('from.png'), ...from, ...recordedPainter])
    expect((await run(['replay', at('from.png'), ...from, '--json', ...recordedPainter])).stdout).toContain(
      '"same":true',
    )
    const other = ['--image', cat, '--mask', right]
    const { code, stdout } = await run(['replay', at('from.png'), ...other, ...recordedPainter])
    expect(stdout).toContain('the mask is not the one that it was painted from')
    expect(stdout).toMatch(/^another picture:\n/)
    expect(code).toBe(1)
  })

  it('says what differs with another model', async () => {
    const { code, stdout } = await run(['replay', cat, ...otherPainter])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^another picture:\n- painted by another model: VisCPM-Paint \w{10}, this is \w{10}\n/)
    expect(stdout).toMatch(
      /- [\d,]+ of 4,096 pixels differ \([\d.]+ %\)\n- by at most \d+ of 255, by [\d.]+ on average\n$/,
    )
  })
})
