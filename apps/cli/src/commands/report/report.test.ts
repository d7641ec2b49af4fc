import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openAtomicSink, openCheckpoint } from '@viscpm/core/node'
import { renamed, writeSafetensors } from '@viscpm/core/weights'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run, start, until } from '../../fixtures/harness.js'
import type { ReportCard, ReportRequest } from './card.js'

const tiny = fileURLToPath(new URL('../../../../../packages/tiny/', import.meta.url))
const model = join(tiny, 'model')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-cli-report-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)
const card = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1)!) as ReportCard

describe('viscpm report', () => {
  it('measures the embedded model in int8 and int4', { timeout: 180_000 }, async () => {
    const page = at('report.html')
    const { code, stdout, stderr } = await run(['report', '--questions', '16', '-o', page, '--json'])
    expect([code, stderr]).toEqual([0, expect.stringMatching(/measuring tiny\nmeasured in/)])
    const { converted, kind, source } = card(stdout)
    expect([kind, source.name]).toEqual(['viscpm-chat', 'model'])
    expect(converted.map(({ name }) => name)).toEqual(['int8', 'int4'])
    const [int8, int4] = converted as [ReportCard['converted'][number], ReportCard['converted'][number]]
    for (const one of converted) {
      expect(one.sourceDiffers).toBe(false)
      expect(one.skipped).toEqual([{ part: 'paintings', reason: 'kind' }])
      expect(one.bytes).toBeLessThan(source.bytes)
      const { weights, layers, logits, answers } = one
      expect(weights.layers.filter(({ name }) => name.startsWith('llm'))).toHaveLength(4)
      expect(weights.tensors).toHaveLength(weights.all!.tensors)
      expect(layers!.layers).toHaveLength(4)
      expect(layers!.layers[0]!.elements).toBe(layers!.tokens * 192)
      expect(logits).toMatchObject({ answersOf: 'source', prompts: 16 })
      expect(logits!.places[0]!.prompts).toBe(16)
      expect(logits!.perplexity.ratio).toBeGreaterThan(0.99)
      expect(answers!.asked).toBe(16)
      // Both decode greedily: answers are the same where all likeliest tokens are.
      expect(answers!.same / 16).toBeCloseTo(logits!.sameAnswers, 10)
      expect(answers!.different).toHaveLength(16 - answers!.same)
    }
    // Normally distributed weights: 0.6 and 10 % (docs/quantization.md).
    expect(int8.weights.all!.relative).toBeGreaterThan(0.004)
    expect(int8.weights.all!.relative).toBeLessThan(0.01)
    expect(int4.weights.all!.relative).toBeGreaterThan(0.05)
    expect(int4.weights.all!.relative).toBeLessThan(0.13)
    const llm4 = int4.weights.kinds.find(({ name }) => name === 'llm w_out')!
    expect(llm4).toMatchObject({ formats: ['int4/128'], bits: 4.25 })
    const last = (one: typeof int4) => one.layers!.layers.at(-1)!.relative
    expect(last(int4)).toBeGreaterThan(2 * last(int8))
    expect(int4.logits!.kl.mean).toBeGreaterThan(2 * int8.logits!.kl.mean)
    expect(int8.answers!.same).toBeGreaterThanOrEqual(15)
    expect(int4.answers!.same).toBeGreaterThanOrEqual(12)

    const html = await readFile(page, 'utf8')
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(html.match(/<svg /g)!.length).toBeGreaterThanOrEqual(4)
    expect(html).not.toMatch(/<script|<link|<img|javascript:|https?:\/\/(?!www\.w3\.org\/2000\/svg)/)
    expect(await readdir(folder)).toEqual(['report.html'])
  })

  it('finds what a folder was made of, and compares weights alone where that is asked for', async () => {
    await run(['quantize', model, '-o', at('small'), '-q'])
    const quick = await run(['report', at('small'), '--quick', '--lang', 'zh'])
    expect([quick.code, quick.stdout]).toEqual([0, expect.stringContaining('相对误差')])
    expect(quick.stdout).toMatch(/原模型 +small/)
    expect(quick.stdout).toContain('未要求')
    const { converted } = card((await run(['report', at('small'), '--quick', '--json', '-q'])).stdout)
    expect(converted[0]).toMatchObject({
      name: 'small',
      options: { dtype: 'int4', blockSize: 128, rounding: 'nearest' },
    })
    expect(converted[0]!.skipped.map(({ reason }) => reason)).toEqual(['quick', 'quick', 'quick', 'kind'])
    // The manifest's own measure of the same, taken while converting.
    const manifest = JSON.parse(await readFile(join(at('small'), 'manifest.json'), 'utf8'))
    for (const { key, error } of manifest.tensors.filter((one: { error?: object }) => one.error)) {
      const measured = converted[0]!.weights.tensors.find(one => one.key === key)!
      expect(measured.relative, key).toBeCloseTo(error.relative, 5)
    }
  })

  it('says what it cannot find, before anything is measured', async () => {
    await mkdir(at('empty'))
    for (const [args, said, code] of [
      [[at('none')], 'no such folder', 1],
      [[at('empty')], '--source', 2],
      [[at('empty'), '--source', model], 'empty', 1],
      [['--source', at('none.pt')], 'none.pt', 1],
      [[join(model, 'model.safetensors')], 'is no folder', 1],
      [['-o', join(folder, 'no', 'report.html')], 'report.html', 1],
      [['--questions', '0'], '--questions', 2],
    ] as const) {
      const finished = await run(['report', ...args])
      expect([args, finished.code, finished.stderr]).toEqual([args, code, expect.stringContaining(said)])
    }
    await run(['quantize', model, '-o', at('small'), '-q'])
    const other = await run(['report', at('small'), '--source', join(tiny, 'paint')])
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('of kind viscpm-chat')])
    expect(await readdir(folder)).toEqual(['empty', 'small'])
  })

  it('stops with Ctrl-C, and leaves nothing', async () => {
    const requests: ReportRequest[] = []
    const measureReport = (request: ReportRequest, { signal }: { signal?: AbortSignal }): Promise<ReportCard> => {
      requests.push(request)
      return new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))
    }
    const args = ['a', 'b', '--source', 'c', '--paintings', '0', '--threads', '2', '--vocab', 'v', '--config', 'd']
    const running = start(['report', ...args, '-o', at('report.html')], { services: { measureReport } })
    await until(() => requests.length > 0, 'measuring')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(await readdir(folder)).toEqual([])
    expect(requests[0]).toEqual({
      ...{ folders: ['a', 'b'], source: 'c', quick: false, paintings: 0, threads: 2, vocabulary: 'v', config: 'd' },
    })
  })
})

it('compares what painters paint, also one whose UNet was calibrated', { timeout: 180_000 }, async () => {
  const paint = join(tiny, 'paint')
  const [language, unet] = [at('language'), at('unet')]
  await run(['quantize', paint, '-o', language, '--dtype', 'int8', '-q'])
  await run(['calibrate', 'tiny', '-o', unet, '--prompt', 'a red cat', '--steps', '2', '-q'])
  const args = ['report', language, unet, '--source', paint, '--paintings', '1']
  const { code, stdout } = await run([...args, '--json', '-q'])
  expect(code).toBe(0)
  const { kind, converted } = card(stdout)
  expect(kind).toBe('viscpm-paint')
  const [int8, calibrated] = converted as [ReportCard['converted'][number], ReportCard['converted'][number]]
  for (const { paintings, layers, skipped } of converted) {
    expect(paintings!.pictures).toBe(2)
    expect(paintings!.distance).toBeLessThan(paintings!.otherSeeds / 2)
    expect(paintings!.each.every(({ psnr }) => psnr! > 15)).toBe(true)
    expect(layers!.prompts).toBe(8)
    expect(skipped.map(({ part }) => part)).toEqual(['logits', 'answers'])
  }
  expect(int8.layers!.layers.at(-1)!.relative).toBeGreaterThan(0.001)
  // Its language model is the original's.
  expect(calibrated.layers!.layers.every(({ relative }) => relative === 0)).toBe(true)
  expect(calibrated.weights.tensors.every(({ key, format }) => key.startsWith('unet.') && format === 'int8')).toBe(true)
  expect(calibrated.weights.all!.relative).toBeLessThan(0.05)
  expect(calibrated.options).toBeUndefined()
})

it('escapes what a checkpoint calls its tensors', async () => {
  const evil = '</td><script>alert(1)</script>\u001b[31m"onload=x'
  const weights = await openCheckpoint(model)
  const into = (key: string) =>
    key.endsWith('layers.0.ffn.ffn.w_out.weight') ? `llm.encoder.layers.0.ffn.${evil}.weight` : key
  await mkdir(at('source'))
  const file = join(at('source'), 'model.safetensors')
  await writeSafetensors(await openAtomicSink(file), renamed(weights, into))
  await weights.close()
  await run(['quantize', file, '-o', at('small'), '--format', '*script*=int4', '--dtype', 'int8', '-q'])
  const { code, stdout } = await run(['report', at('small'), '--quick', '-o', at('report.html')])
  expect(code).toBe(0)
  expect(stdout).toContain('\\x1b[31m"onload=x') // of all, this kind has the largest error
  expect(stdout).not.toContain('\u001b')
  const html = await readFile(at('report.html'), 'utf8')
  expect(html).toContain('&lt;/td&gt;&lt;script&gt;alert(1)')
  expect(html).not.toMatch(/<script|\u001b|"onload/)
})
