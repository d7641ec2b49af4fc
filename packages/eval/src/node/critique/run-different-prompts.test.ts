import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BlockedError, type Image, InvalidArgumentError } from '@viscpm/core'
import { sharpCodec } from '@viscpm/core/node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compareChoosers } from '../../critique/compare.js'
import type { CritiqueParts } from './parts.js'
import type { CritiquePrompt } from './record.js'
import { runDifferentPrompts } from './run-different-prompts.js'

const names = ['cat', 'dog', 'bus', 'kite']
const prompts: CritiquePrompt[] = names.flatMap((name, scene) =>
  (['en', 'zh'] as const).map(language => ({
    ...{ id: `thing-${scene}`, scene, kind: 'thing', language, things: [{ name }], prompt: `${language} ${name}` },
  })),
)

/** Paints each thing in a grey of its own. */
const shade = (text: string): number => 40 * (1 + names.indexOf(text.slice(3)))

function fakes(changes: Partial<CritiqueParts> = {}) {
  const painted: { text: string; seeds: readonly number[] }[] = []
  const scored: string[] = []
  const chooser = (name: string, score: (text: string, image: Image) => number) => ({
    score: async (text: string, images: readonly Image[]) => {
      scored.push(`${name}: ${text}`)
      return images.map(image => score(text, image))
    },
  })
  const parts: Omit<CritiqueParts, 'judge'> = {
    paint: async (text, seeds) => {
      painted.push({ text, seeds })
      return [{ width: 2, height: 2, data: new Uint8Array(12).fill(shade(text)) }]
    },
    choosers: {
      sees: chooser('sees', (text, { data }) => -Math.abs(data[0]! - shade(text))),
      idle: chooser('idle', () => 0),
    },
    codec: sharpCodec(),
    ...changes,
  }
  return { parts, painted, scored }
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-critique-'))
})
afterEach(() => rm(folder, { recursive: true }))

const options = () => ({ folder, prompts, candidates: 3, seed: 100, settings: { painter: 'f00d' } })

test('one who sees is always right, one who does not as often as chance', async () => {
  const { parts, painted } = fakes()
  const records = await runDifferentPrompts(parts, options())
  expect(painted.map(({ seeds }) => seeds)).toContainEqual([106])
  expect(painted).toHaveLength(8)
  expect(records.map(({ prompt }) => prompt)).toEqual(prompts.map(({ prompt }) => prompt))
  expect(records[2]).toMatchObject({ of: ['thing-2', 'thing-1', 'thing-3'], right: [false, true, false] })
  const { choosers } = compareChoosers(records, 'sees')
  const right = Object.fromEntries(choosers.map(one => [one.chooser, one.right.value]))
  expect(right).toMatchObject({ sees: 1, idle: 4 / 8, oracle: 1 })
  expect(right.random).toBeCloseTo(1 / 3)
})

test('goes on where it was stopped: whole pictures are read again, a damaged one is painted again', async () => {
  const stop = new AbortController()
  const { parts } = fakes()
  const score: CritiqueParts['choosers'][string]['score'] = async (text, images) => {
    if (text === 'en dog') stop.abort(new Error('enough'))
    stop.signal.throwIfAborted()
    return images.map(() => 0)
  }
  const stopping = { ...parts, choosers: { ...parts.choosers, idle: { score } } }
  await expect(runDifferentPrompts(stopping, { ...options(), signal: stop.signal })).rejects.toThrow('enough')
  const whole = await readFile(join(folder, 'thing-3-zh-0.png'))
  await writeFile(join(folder, 'thing-3-zh-0.png'), whole.subarray(0, 40))
  const later = fakes()
  expect(await runDifferentPrompts(later.parts, options())).toHaveLength(8)
  expect(later.painted).toEqual([{ text: 'zh kite', seeds: [109] }])
  expect(later.scored.filter(one => one.startsWith('sees'))).toHaveLength(6)
  const again = fakes()
  await runDifferentPrompts(again.parts, options())
  expect([again.painted, again.scored]).toEqual([[], []])
})

test('other prompts, settings or too few things are refused before anything is painted', async () => {
  await runDifferentPrompts(fakes().parts, options())
  const { parts, painted } = fakes()
  for (const changed of [{ prompts: prompts.slice(0, 6) }, { seed: 7 }, { candidates: 2 }, { candidates: 5 }])
    await expect(runDifferentPrompts(parts, { ...options(), ...changed })).rejects.toBeInstanceOf(InvalidArgumentError)
  expect(painted).toEqual([])
})

test('pictures that lie beside no results are not taken for these', async () => {
  await runDifferentPrompts(fakes().parts, options())
  await rm(join(folder, 'critique.jsonl'))
  const { parts, painted } = fakes()
  await runDifferentPrompts(parts, { ...options(), seed: 7 })
  expect(painted).toHaveLength(8)
})

test('a prompt that was not painted is told', async () => {
  const { parts } = fakes({ paint: async () => [] })
  await expect(runDifferentPrompts(parts, options())).rejects.toBeInstanceOf(BlockedError)
})
