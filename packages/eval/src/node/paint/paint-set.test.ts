import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvalidArgumentError } from '@viscpm/core'
import { sharpCodec } from '@viscpm/core/node'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EvalPrompt } from '../../paint/prompts/parse-prompts.js'
import { type PaintedOne, type PaintSetOptions, paintSet } from './paint-set.js'
import { listPictures, measurePictures } from './pictures.js'

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'viscpm-set-')), 'set')
})
afterEach(() => rm(join(folder, '..'), { recursive: true }))

const prompts: readonly EvalPrompt[] = [0, 1, 2].flatMap(index => [
  { index, language: 'en', text: `thing ${index}` },
  { index, language: 'zh', text: `东西${index}` },
])
const png = (shade: number) => sharpCodec().encode({ width: 2, height: 2, data: new Uint8Array(12).fill(shade) }, 'png')
const painter = () =>
  vi.fn(
    async ({ text }: EvalPrompt, seed: bigint): Promise<PaintedOne> =>
      text === 'thing 2' ? { status: 'withheld', reason: 'nsfw' } : { status: 'painted', png: await png(Number(seed)) },
  )
const set = (more: Partial<PaintSetOptions> = {}) =>
  paintSet({ folder, prompts, seed: 40n, settings: { model: 'x' }, paint: painter(), ...more })

test('paints every prompt once; seeds follow the lines; what is withheld is noted', async () => {
  const done: number[] = []
  const { records, painted, found, missing } = await set({ onProgress: p => done.push(p.done), concurrency: 3 })
  expect([painted, found, missing]).toEqual([6, 0, 0])
  expect(records.map(({ seed, language }) => `${seed}${language}`)).toEqual(
    ['40en', '40zh', '41en', '41zh', '42en', '42zh'], // a line's languages share their noise
  )
  expect(records[4]).toMatchObject({ status: 'withheld', reason: 'nsfw' })
  expect(await listPictures(folder)).toHaveLength(5)
  expect(done.at(-1)).toBe(6)
})

test('goes on after a failure, and paints again what is damaged or gone', async () => {
  const failing = painter()
  failing.mockImplementationOnce(async () => ({ status: 'painted', png: await png(1) }))
  failing.mockImplementationOnce(async () => {
    throw new Error('no memory')
  })
  await expect(set({ paint: failing })).rejects.toThrow('no memory')
  const second = await set()
  expect([second.found, second.painted, second.damaged]).toEqual([1, 5, 0])
  await writeFile(join(folder, '00001-en.png'), 'cut off')
  await rm(join(folder, '00000-zh.png'))
  const third = await set()
  expect([third.found, third.painted, third.damaged]).toEqual([4, 2, 2])
  expect((await set()).painted).toBe(0)
})

test('an abort ends it, and nothing of it is half there', async () => {
  const stop = new AbortController()
  const paint = vi.fn(async (_: EvalPrompt, seed: bigint, signal: AbortSignal): Promise<PaintedOne> => {
    if (seed === 41n) stop.abort(new Error('stopped'))
    signal.throwIfAborted()
    return { status: 'painted', png: await png(3) }
  })
  await expect(set({ paint, signal: stop.signal })).rejects.toThrow('stopped')
  expect((await readdir(folder)).sort()).toEqual(['00000-en.png', '00000-zh.png', 'pictures.jsonl'])
  expect((await set()).found).toBe(2)
})

test('shards share a folder; a run without one takes what they painted', async () => {
  const first = await set({ shard: { part: 1, of: 2 } })
  expect([first.painted, first.missing]).toEqual([3, 3])
  const second = await set({ shard: { part: 2, of: 2 } })
  expect([second.painted, second.found, second.missing]).toEqual([3, 3, 0])
  const all = await set()
  expect([all.painted, all.found, all.records.length]).toEqual([0, 6, 6])
  await expect(set({ shard: { part: 3, of: 2 } })).rejects.toThrow(InvalidArgumentError)
})

test('fewer prompts, or another at a place: what is found is what was asked for, and only broken files are damaged', async () => {
  await set()
  expect(await set({ prompts: prompts.slice(0, 2) })).toMatchObject({ found: 2, painted: 0, missing: 0 })
  const other = [{ ...prompts[0]!, text: 'another' }, prompts[1]!]
  expect(await set({ prompts: other })).toMatchObject({ found: 1, painted: 1, damaged: 0 })
})

test('a shard that another has only just opened its file beside is no fault', async () => {
  await set({ prompts: [] })
  await writeFile(join(folder, 'pictures-2of2.jsonl'), '')
  expect(await set({ shard: { part: 1, of: 2 } })).toMatchObject({ painted: 3, missing: 3 })
})

test('pictures of other settings are not mixed', async () => {
  await set({ shard: { part: 1, of: 2 } })
  await expect(set({ settings: { model: 'y' } })).rejects.toThrow('other settings')
  await expect(set({ settings: { model: 'y' }, shard: { part: 1, of: 2 } })).rejects.toThrow('model was "x", is "y"')
})

test('pictures become features in the order of their names; a broken one is named', async () => {
  await set()
  const extractor = {
    ...{ name: 'mean', dim: 1, dispose: async () => {} },
    extract: async (images: readonly { readonly data: Uint8Array }[]) =>
      Float32Array.from(images, ({ data }) => data[0]!),
  }
  const files = await listPictures(folder)
  const measured = await measurePictures(files, extractor)
  expect([...measured.features]).toEqual([40, 40, 41, 41, 42])
  expect([measured.count, measured.jpegs, measured.moments!.mean[0]]).toEqual([5, 0, 40.8])
  const jpeg = join(folder, 'x.jpg')
  const grey = { width: 8, height: 8, data: new Uint8Array(192).fill(9) }
  await writeFile(jpeg, await sharpCodec().encode(grey, 'jpeg'))
  expect(await measurePictures([jpeg], extractor)).toMatchObject({ count: 1, jpegs: 1, moments: undefined })
  const whole = await readFile(files[0]!)
  await writeFile(files[0]!, whole.subarray(0, 20))
  await expect(measurePictures(files, extractor)).rejects.toThrow(files[0]!)
})
