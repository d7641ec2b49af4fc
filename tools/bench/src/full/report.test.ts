import { cpmBee10b } from '@viscpm/cpm-bee'
import { describe, expect, it } from 'vitest'
import { chatRows } from './chat-rows.js'
import { keyValueRows } from './key-value-rows.js'
import { type FullReport, fullMarkdown } from './report.js'
import { type FullRow, standing } from './row.js'
import { type FullRun, languageRows } from './rows.js'
import { scalingOf } from './scaling-rows.js'

const memory = { resident: 6000, anonymous: 5000, file: 3000 }
const ours = {
  version: 'onnxruntime-node 1',
  loadMs: 10_000,
  decodeMs: 200,
  threeBeamsMs: 320,
  prefill128Ms: 6000,
  prefill104Ms: 4900,
  memory,
}
const products = { decodeMs: 900, prefill128Ms: 12_000 }
const run: FullRun = {
  load: 0.2,
  memoryGbPerSecond: 30,
  diskGbPerSecond: 1,
  cachedGbPerSecond: 6,
  coldLoadMs: 12_000,
  ours,
  llama: { version: 'llama', loadMs: 5000, decodeMs: 190, prefill128Ms: 8000, memory },
  torch: { version: 'torch', bf16: products, fp32: products },
}
const sizes = { config: cpmBee10b, fileBytes: 5.4e9, bytesPerStep: 5.4e9 }
const byAgainst = (rows: readonly FullRow[], name: RegExp) => rows.filter(row => name.test(row.against?.name ?? ''))

describe('the full-size table', () => {
  it('forms each ratio from one run, and judges their median', () => {
    const faster = { ...run, ours: { ...ours, decodeMs: 100 }, llama: { ...run.llama!, decodeMs: 90 } }
    const [decode] = byAgainst(languageRows([run, run, faster], sizes), /llama/)
    expect(decode!.score).toEqual({ median: 0.95, min: 0.9, max: 0.95 })
    expect(standing(decode!)).toBe('floor')
  })

  it('has the bound from memory: bytes of a step / bandwidth / time', () => {
    const [bound] = byAgainst(languageRows([run], sizes), /bandwidth/)
    expect(bound!.score!.median).toBeCloseTo(180 / 200, 6)
    expect(standing(bound!)).toBe('aim')
  })

  it('misses, where lower is better, above the floor', () => {
    const rows = languageRows([{ ...run, ours: { ...ours, threeBeamsMs: 341 } }], sizes)
    expect(byAgainst(rows, /1 beam/).map(standing)).toEqual(['missed'])
    const [load] = byAgainst(rows, /from the disk/)
    expect(load!.score!.median).toBeCloseTo(10 / 5.4, 6)
    expect(standing(load!)).toBe('floor')
  })

  it('says what was not measured and judges nothing by it; what was missed, and why', () => {
    const slow = { ...run, ours: { ...ours, threeBeamsMs: 500 }, llama: undefined, torch: undefined }
    const rows = languageRows([slow], sizes)
    const [decode] = byAgainst(rows, /llama/)
    expect(decode!.score).toBeUndefined()
    expect(standing(decode!)).toBeUndefined()
    const report: FullReport = {
      date: '2026-11-23',
      versions: { ours: 'o', llama: 'not measured: no npm', torch: 'not measured' },
      threads: 2,
      layers: 48,
      sizes,
      memoryMethod: 'C',
      runs: [slow],
      rows,
      formats: [],
      scaling: scalingOf([slow], sizes, 2, undefined),
      notes: ['no answer of 600 tokens'],
    }
    const text = fullMarkdown(report, { rows: keyValueRows(), notes: ['of painting'] })
    expect(text).toContain('llama.cpp Q4_0 | not measured |')
    expect(text).toContain('>= 0.9, aim 1.05: not measured')
    expect(text).toContain('- no answer of 600 tokens\n- of painting\n')
    expect(text).toContain('at worst: float32')
    expect(text).toMatch(/^- step of 3 beams against step of 1 beam: 2\.50; weights are read once/m)
  })

  it('takes the whole chat where there is one, else the language model, and says which', () => {
    const first = (rows: readonly FullRow[]) => rows.find(row => row.what.startsWith('first token'))!
    const peak = (rows: readonly FullRow[]) => rows.find(row => /^peak memory.* 600 tokens/.test(row.what))!
    const alone = chatRows([run], { long: { memory, stepMs: 400, tokens: 600 } }, 48)
    expect(first(alone).ours.median).toBeCloseTo(5.1, 6)
    expect(standing(first(alone))).toBe('missed')
    expect(peak(alone).what).toContain('the language model alone')
    const short = { visionMs: 900, firstTokenMs: 4800, promptTokens: 120, imageTokens: 64, memory }
    const talk = { short, long: { ...short, answerTokens: 480, decodeMs: 240_000 } }
    const whole = chatRows([run], talk, 48)
    expect(standing(first(whole))).toBe('aim')
    expect(peak(whole).what).toContain('chat, picture included')
    expect(standing(peak(whole))).toBe('aim')
    expect(whole.at(-1)!.ours.median).toBe(500)
    expect(standing(peak(chatRows([run], talk, 4)))).toBeUndefined()
  })

  it('counts the keys and values of every kind of cache', () => {
    const [float32, float16, int8] = keyValueRows()
    // (3000 + 512) * 3 tokens against 3000 + 512 * 3
    expect(float16!.score!.median).toBeCloseTo(10536 / 4536, 6)
    expect(float32!.score!.median).toBeCloseTo(10536 / 4536 / 2, 6)
    expect(int8!.score!.median).toBeCloseTo((10536 / 4536) * (256 / 130), 6)
    expect(standing(int8!)).toBe('aim')
  })

  it('checks the cost model against one thread and predicts the rest', () => {
    const single = { times: { ...ours, decodeMs: 210, threeBeamsMs: 500, prefill128Ms: 12_000 }, gbPerSecond: 27 }
    const [here, one, eight] = scalingOf([run], sizes, 2, single)
    expect(here!.times.map(({ ms }) => ms)).toEqual([200, 320, 6000, 4900])
    // 8 ms serial, 180 of 200 reading at 30 GB/s, so 24 ms of computing: 200 + 24 + 8 on one core
    expect(one!.times[0]!.ms).toBeCloseTo(232, 6)
    expect(one!.times[0]!.error).toBeCloseTo(232 / 210 - 1, 6)
    expect(eight!.times[0]!.ms).toBeCloseTo(5.4e9 / 70e6 + 24 / 8 + 8, 6)
  })
})
