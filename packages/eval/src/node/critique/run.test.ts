import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BlockedError,
  ConfigError,
  FileFormatError,
  type Image,
  InvalidArgumentError,
  NonFiniteError,
} from '@viscpm/core'
import { sharpCodec } from '@viscpm/core/node'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DrawingJudge } from '../../critique/judge/judge.js'
import type { CritiqueParts } from './parts.js'
import { type CritiquePrompt, parseCritiqueWorld } from './record.js'
import { type RunCritiqueOptions, runCritique } from './run.js'

const side = 32
const cell = 24
/** The pale blue of pictures that ask for no background. */
const pale = [218, 230, 243]

const picture = (width: number, height: number, at: (x: number, y: number) => readonly number[]): Image => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    return at(pixel % width, Math.floor(pixel / width))[i % 3]!
  }),
})

/** Red shapes in a cell: a full square, and a bar that lies. */
const shapes = { square: () => true, bar: (_x: number, y: number) => y >= 9 && y < 15 }
const covers = (name: keyof typeof shapes, x: number, y: number): boolean =>
  x >= 0 && y >= 0 && x < cell && y < cell && shapes[name](x, y)
const names = ['square', 'bar'] as const
const sheet = picture(2 * cell, 2 * cell, (x, y) => {
  if (!covers(names[x < cell ? 0 : 1], x % cell, y % cell)) return [0, 0, 0]
  return y < cell ? [214, 40, 46] : [255, 255, 255]
})

/** One of the shapes in the middle of a picture. */
const drawn = (name: keyof typeof shapes): Image =>
  picture(side, side, (x, y) => (covers(name, x - 4, y - 4) ? [214, 40, 46] : pale))

let judge: DrawingJudge
beforeAll(() => {
  judge = new DrawingJudge({ sheet, cell, columns: 2, names })
})

const prompt = (scene: number, language: 'en' | 'zh', name: 'square' | 'bar'): CritiquePrompt => ({
  ...{ id: `thing-${scene}`, scene, kind: 'thing', language, things: [{ name }] },
  prompt: language === 'en' ? `a ${name}` : { square: '一个方块', bar: '一条横杠' }[name],
})
const prompts = [prompt(0, 'en', 'square'), prompt(0, 'zh', 'square'), prompt(1, 'en', 'bar'), prompt(1, 'zh', 'bar')]

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-critique-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Paints a square, then a bar; choosers tell them apart by how red the corner of a shape is. */
function fakes(changes: Partial<CritiqueParts> = {}) {
  const painted: { prompt: string; seeds: readonly number[] }[] = []
  const scored: string[] = []
  const redCorner = ({ data }: Image): number => (data[(5 * side + 5) * 3 + 2]! < 100 ? 1 : 0)
  const chooser = (name: string, sign: number): CritiqueParts['choosers'][string] => ({
    score: async (text, images) => {
      scored.push(`${name}: ${text}`)
      return images.map(image => sign * redCorner(image))
    },
  })
  const parts: CritiqueParts = {
    paint: async (text, seeds) => {
      painted.push({ prompt: text, seeds })
      return seeds.map((_, k) => drawn(names[k]!))
    },
    choosers: { squares: chooser('squares', 1), bars: chooser('bars', -1) },
    judge,
    codec: sharpCodec(),
    ...changes,
  }
  return { parts, painted, scored }
}

const options = (changes: Partial<RunCritiqueOptions> = {}): RunCritiqueOptions => ({
  ...{ folder, prompts, candidates: 2, seed: 100, settings: { painter: 'f00d' } },
  ...changes,
})
const file = (): string => join(folder, 'critique.jsonl')
const lines = async (): Promise<string[]> => (await readFile(file(), 'utf8')).trimEnd().split('\n')
const pngs = async (): Promise<string[]> => (await readdir(folder)).filter(name => name.endsWith('.png')).sort()

describe('runCritique', () => {
  test('paints both languages of a scene from the same seeds; what was judged and scored is kept, with the pictures', async () => {
    const { parts, painted, scored } = fakes()
    const told: number[] = []
    const records = await runCritique(parts, options({ onProgress: ({ done, total }) => told.push(done, total!) }))
    expect(painted).toEqual([
      { prompt: 'a square', seeds: [100, 101] },
      { prompt: '一个方块', seeds: [100, 101] },
      { prompt: 'a bar', seeds: [102, 103] },
      { prompt: '一条横杠', seeds: [102, 103] },
    ])
    expect(scored.slice(0, 2)).toEqual(['squares: a square', 'bars: a square'])
    expect(records.map(({ id, language, right }) => [id, language, right])).toEqual([
      ['thing-0', 'en', [true, false]],
      ['thing-0', 'zh', [true, false]],
      ['thing-1', 'en', [false, true]],
      ['thing-1', 'zh', [false, true]],
    ])
    expect(records[0]!.scores).toEqual({ squares: [1, 0], bars: [-1, -0] })
    expect(Object.keys(records[0]!.ms)).toEqual(['paint', 'squares', 'bars'])
    expect(told).toEqual([0, 4, 1, 4, 2, 4, 3, 4, 4, 4])
    const [settings, ...kept] = (await lines()).map(line => JSON.parse(line))
    expect(settings).toEqual({
      settings: { painter: 'f00d', candidates: 2, seed: 100, choosers: ['squares', 'bars'] },
    })
    expect(kept).toEqual(JSON.parse(JSON.stringify(records)))
    expect(await pngs()).toEqual(
      ['0-en', '0-zh', '1-en', '1-zh'].flatMap(name => [0, 1].map(k => `thing-${name}-${k}.png`)),
    )
    const { data } = await sharpCodec().decode(await readFile(join(folder, 'thing-1-zh-1.png')), {})
    expect([...data]).toEqual([...drawn('bar').data])
  })

  test('a line is written as soon as its prompt is done; its scene is painted from the same seeds whatever else is', async () => {
    const before: number[] = []
    const { parts, painted } = fakes()
    const paint: CritiqueParts['paint'] = async (...given) => {
      before.push((await lines()).length)
      return parts.paint(...given)
    }
    await runCritique({ ...parts, paint }, options({ prompts: prompts.slice(2) }))
    expect(before).toEqual([1, 2])
    expect(painted[0]).toEqual({ prompt: 'a bar', seeds: [102, 103] })
  })

  test('goes on without painting or scoring again; the records are in the order of the prompts', async () => {
    const first = await runCritique(fakes().parts, options({ prompts: [prompts[2]!, prompts[0]!] }))
    await appendFile(file(), '{"id":"thing-0","la') // as a crash leaves it
    const { parts, painted, scored } = fakes()
    const records = await runCritique(parts, options())
    expect(painted.map(({ prompt }) => prompt)).toEqual(['一个方块', '一条横杠'])
    expect(scored).toHaveLength(4)
    expect(records.map(({ prompt }) => prompt)).toEqual(prompts.map(({ prompt }) => prompt))
    expect(JSON.stringify([records[2], records[0]])).toBe(JSON.stringify(first))
    const again = fakes()
    expect(JSON.stringify(await runCritique(again.parts, options()))).toBe(JSON.stringify(records))
    expect([again.painted, again.scored]).toEqual([[], []])
    expect(await lines()).toHaveLength(1 + 4)
  })

  test('makes its folder', async () => {
    const inner = join(folder, 'a', 'b')
    await runCritique(fakes().parts, options({ folder: inner, prompts: prompts.slice(0, 1) }))
    expect((await readdir(inner)).sort()).toEqual(['critique.jsonl', 'thing-0-en-0.png', 'thing-0-en-1.png'])
    await writeFile(join(folder, 'taken'), '')
    await expect(runCritique(fakes().parts, options({ folder: join(folder, 'taken') }))).rejects.toMatchObject({
      code: 'WRITE_FAILED',
    })
  })

  test.each<[string, Partial<RunCritiqueOptions>, Partial<CritiqueParts>, string]>([
    ['another painter', { settings: { painter: 'beef' } }, {}, 'painter was "f00d", is "beef"'],
    ['more candidates', { candidates: 3 }, {}, 'candidates was 2, is 3'],
    ['another seed', { seed: 7 }, {}, 'seed was 100, is 7'],
    ['other choosers', {}, { choosers: {} }, 'choosers was ["squares","bars"], is []'],
  ])(
    '%s: refused before anything is painted, and the folder stays as it was',
    async (_what, changed, parts, message) => {
      await runCritique(fakes().parts, options())
      const before = await lines()
      const { parts: other, painted } = fakes(parts)
      const failure = await runCritique(other, options(changed)).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(InvalidArgumentError)
      expect((failure as Error).message).toContain(message)
      expect([painted, await lines()]).toEqual([[], before])
      await runCritique(fakes().parts, options()) // nothing is locked
    },
  )

  test.each(['paint', 'score'] as const)('aborted in %s: a later run goes on there', async where => {
    const stop = new AbortController()
    const { parts, painted } = fakes()
    const enough = (): never => {
      stop.abort(new Error('enough'))
      throw stop.signal.reason
    }
    // The second prompt stops at one place or the other.
    const stopping: CritiqueParts = {
      ...parts,
      paint: async (text, ...rest) =>
        where === 'paint' && text === '一个方块' ? enough() : parts.paint(text, ...rest),
      choosers: {
        ...parts.choosers,
        bars: { score: async text => (where === 'score' && text === '一个方块' ? enough() : [0, 0]) },
      },
    }
    await expect(runCritique(stopping, options({ signal: stop.signal }))).rejects.toThrow('enough')
    expect(await lines()).toHaveLength(2)
    expect((await readdir(folder)).filter(name => !/\.(jsonl|png)$/.test(name))).toEqual([])
    await expect(runCritique(parts, options({ signal: stop.signal }))).rejects.toThrow('enough')
    const { parts: later, painted: rest } = fakes()
    expect(await runCritique(later, options())).toHaveLength(4)
    expect(rest.map(({ prompt }) => prompt)).toEqual(['一个方块', 'a bar', '一条横杠'])
    expect(painted.map(({ prompt }) => prompt)).toEqual(where === 'paint' ? ['a square'] : ['a square', '一个方块'])
  })

  test('the signal reaches the painter and the choosers', async () => {
    const { signal } = new AbortController()
    const seen: unknown[] = []
    const one: CritiqueParts['choosers'][string] = {
      score: async (_text, images, task) => {
        seen.push(task)
        return images.map(() => 0)
      },
    }
    const { parts } = fakes({ choosers: { one } })
    const paint: CritiqueParts['paint'] = (text, seeds, task) => {
      seen.push(task)
      return parts.paint(text, seeds, task)
    }
    await runCritique({ ...parts, paint }, options({ signal, prompts: prompts.slice(0, 1) }))
    expect(seen).toEqual([{ signal }, { signal, truncate: true }])
  })

  test('a prompt that was not painted is told, and nothing of it is kept', async () => {
    const { parts } = fakes({ paint: async () => [] })
    const failure = runCritique(parts, options())
    await expect(failure).rejects.toBeInstanceOf(BlockedError)
    expect([await lines(), await pngs()]).toEqual([[expect.stringContaining('settings')], []])
  })

  test.each([[[Number.NaN, 1]], [[Number.NEGATIVE_INFINITY, 1]], [[1]]])(
    'scores that could not be read again (%j) are refused, not kept',
    async given => {
      const { parts } = fakes()
      const broken = { ...parts, choosers: { squares: { score: async () => given }, bars: parts.choosers.bars! } }
      const failure = runCritique(broken, options())
      await expect(failure).rejects.toBeInstanceOf(NonFiniteError)
      await expect(failure).rejects.toThrow("squares scored the pictures of 'a square'")
      expect(await runCritique(parts, options())).toHaveLength(4)
    },
  )

  test.each<[string, (record: Record<string, unknown>) => unknown, string]>([
    ['no object', () => null, 'has no id or language'],
    ['another language', record => ({ ...record, language: 'fr' }), 'has no id or language'],
    ['too few judged', record => ({ ...record, right: [true] }), "'right' is no list"],
    ['judged by words', record => ({ ...record, right: ['yes', 'no'] }), "'right' is no list"],
    ['no scores', record => ({ ...record, scores: null }), "'scores' has no list of 2 numbers of 'squares'"],
    [
      'a chooser too few',
      record => ({ ...record, scores: { squares: [1, 2] } }),
      "'scores' has no list of 2 numbers of 'bars'",
    ],
    ['no times', record => ({ ...record, ms: null }), "'ms' has no number of 'squares'"],
  ])('a damaged line (%s) is named', async (_what, change, message) => {
    await runCritique(fakes().parts, options({ prompts: prompts.slice(0, 2) }))
    const [settings, first, second] = await lines()
    await truncate(file())
    await writeFile(file(), `${[settings, first, JSON.stringify(change(JSON.parse(second!)))].join('\n')}\n`)
    const failure = await runCritique(fakes().parts, options()).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(FileFormatError)
    expect((failure as Error).message).toContain(`critique.jsonl: line 3: ${message}`)
  })
})

test('the prompts of a world are numbered by scene; what is none is refused', () => {
  const told = prompts.map(({ scene: _, ...rest }) => rest)
  const world = { prompts: told, cell: 24, columns: 2, drawings: [...names] }
  expect(parseCritiqueWorld(world, 'w.json')).toEqual({ ...world, prompts })
  for (const wrong of [null, {}, { ...world, cell: 0 }, { ...world, drawings: 'dog' }, { ...world, columns: 1.5 }])
    expect(() => parseCritiqueWorld(wrong, 'w.json')).toThrow(ConfigError)
  expect(() => parseCritiqueWorld(undefined, 'w.json')).toThrow('w.json')
})
