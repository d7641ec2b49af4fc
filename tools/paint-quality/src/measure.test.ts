import { presets } from '@viscpm/paint'
import { describe, expect, it } from 'vitest'
import { evaluations, work } from './cost.js'
import { parseOptions } from './options.js'
import { isPair, readPrompts } from './prompts.js'
import { settings } from './settings.js'
import { contactSheet } from './sheet.js'
import { mean, wilson } from './statistics.js'
import { markdownTable } from './table.js'

describe('statistics', () => {
  it("Wilson's interval is that of his paper", () => {
    const { value, low, high } = wilson(8, 10)
    expect([value, low, high].map(v => Math.round(v * 1e4))).toEqual([8000, 4902, 9433])
    expect(wilson(10, 10)).toMatchObject({ value: 1, high: 1 })
    expect(wilson(0, 10)).toMatchObject({ value: 0, low: 0 })
    expect(wilson(0, 0)).toMatchObject({ low: 0, high: 1 })
  })

  it('a mean has an interval of about two standard errors', () => {
    const { value, low, high } = mean([1, 2, 3, 4])
    expect(value).toBe(2.5)
    expect(high - value).toBeCloseTo((1.96 * Math.sqrt(5 / 3)) / 2, 3)
    expect(value - low).toBeCloseTo(high - value)
  })
})

describe('work', () => {
  it('counts evaluations as they are run', () => {
    expect(evaluations({ steps: 50 })).toEqual({ whole: { guided: 50, alone: 0 }, shallow: { guided: 0, alone: 0 } })
    const saver = { guidanceInterval: [0, 0.5], deepCache: { interval: 3 } } as const
    expect(evaluations({ steps: 10, saver })).toEqual({
      whole: { guided: 2, alone: 2 },
      shallow: { guided: 3, alone: 3 },
    })
    // Guidance that begins between two whole evaluations makes one of its own.
    const late = { guidanceInterval: [0.1, 0.3], deepCache: { interval: 10 } } as const
    expect(evaluations({ steps: 10, saver: late })).toEqual({
      whole: { guided: 1, alone: 1 },
      shallow: { guided: 1, alone: 7 },
    })
  })

  it('is 50 for the way of upstream, and a fraction of that for fast', () => {
    expect(work({ name: '', scheduler: 'ddpm', steps: 50 })).toBeCloseTo(50)
    const { steps, ...saver } = presets.fast
    expect(work({ name: '', scheduler: 'dpm-solver++', steps, saver })).toBeLessThan(50 / 8)
    expect(work({ name: '', scheduler: 'ddpm', steps: 9, saver: { tokenMerging: 0.3 } })).toBeUndefined()
  })
})

it('prompts are there in both languages, of one thing and of two', async () => {
  const prompts = await readPrompts()
  expect(prompts).toHaveLength(140)
  prompts.forEach(({ lang, scene }, i) => {
    expect(lang).toBe(i % 2 ? 'zh' : 'en')
    expect(scene).toEqual(prompts[i - (i % 2)]!.scene)
  })
  expect(prompts.filter(isPair)).toHaveLength(40)
})

it('settings have names of their own, and upstream among them', () => {
  const names = settings.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(expect.arrayContaining(['DDPM 50', 'DPM++ 50', 'fast']))
})

it('options are read, and strange ones refused', () => {
  expect(parseOptions(['--only', 'fast;cache', '--pictures', '3'])).toMatchObject({ pictures: 3, every: 2, threads: 2 })
  const { wants } = parseOptions(['--only', 'fast;cache'])!
  expect(['fast', 'DPM++ 20, cache 3', 'DDPM 20'].map(wants)).toEqual([true, true, false])
  expect(parseOptions(['--help'])).toBeUndefined()
  expect(() => parseOptions(['--pictures', '0'])).toThrow('--pictures')
  expect(() => parseOptions(['--picture', '1'])).toThrow('--picture')
})

it('the table and the sheet have what was measured', async () => {
  const row = {
    name: 'DDPM 50',
    steps: 50,
    pictures: 4,
    work: 50,
    distance: { reference: 0, sameSolver: 0.07 },
    secondsPerPicture: 1,
  }
  const report = { date: '', model: '', prompts: 2, picturesPerPrompt: 2, settings: [row] }
  expect(markdownTable(report).split('\n')[2]).toBe('| DDPM 50 | 50.0 | 0.000 | 0.070 |  |  |  |  |  |')
  const prompts = (await readPrompts()).slice(0, 2)
  const image = { width: 8, height: 8, data: new Uint8Array(192).fill(9) }
  const png = await contactSheet(prompts, [{ setting: settings[0]!, pictures: [[image], [image]] }])
  expect([...png.subarray(1, 4)]).toEqual([...'PNG'].map(c => c.charCodeAt(0)))
})
