import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { float32, tensor } from '@viscpm/core'
import { openAtomicSink } from '@viscpm/core/node'
import { memoryWeights, writeSafetensors } from '@viscpm/core/weights'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { files, recordedModel, run } from '../../fixtures/harness.js'
import type { Prediction } from './model.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'viscpm-doctor-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function predicted(where: string, ...more: string[]): Promise<Prediction> {
  const { code, stdout, stderr } = await run(['doctor', where, '--json', ...more])
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Prediction
}

describe('doctor MODEL', () => {
  it('predicts chat and painter of the embedded model', async () => {
    const { machine, memory, models } = await predicted('tiny', '--threads', '1')
    expect(machine.cores).toBe(1)
    for (const rate of [machine.ramBandwidth, machine.diskBandwidth, machine.float32, machine.int8])
      expect(rate).toBeGreaterThan(1e6)
    expect(memory.free).toBeLessThanOrEqual(memory.total)
    expect(models.map(({ kind }) => kind)).toEqual(['viscpm-chat', 'viscpm-paint'])
    for (const { ways } of models)
      for (const way of ways) {
        expect(way.memory).toBeGreaterThan(100e6)
        expect(way.memory).toBeLessThan(1e9)
        expect(way.load).toBeGreaterThan(0)
        expect(['fits', 'tight', 'no']).toContain(way.fits)
      }
    const [chat, painter] = models
    expect(
      chat?.kind === 'viscpm-chat' && chat.ways.every(way => way.tokensPerSecond.greedy >= way.tokensPerSecond.beam),
    ).toBe(true)
    expect(painter).toMatchObject({ painting: { width: 64, height: 64 }, assumedVae: false })
  })

  it('says what a half-precision chat could become', async () => {
    const { models } = await predicted(files.model)
    expect(new Set(models[0]!.ways.map(({ form }) => form))).toEqual(new Set(['as it is', 'int8', 'int4']))
    expect(models[0]!.ways.some(({ mode }) => 'releaseVision' in mode && mode.releaseVision)).toBe(true)
  })

  it('tells every way to keep a model apart by its words', async () => {
    const lines = (await run(['doctor', files.model, '--threads', '1'])).stdout.split('\n')
    const ways = lines.filter(line => / cache /.test(line)).map(line => line.trim().split(/ {2,}/).slice(0, 2).join())
    expect(ways.length).toBeGreaterThan(5)
    expect(new Set(ways).size).toBe(ways.length)
  })

  it('takes a language model alone', async () => {
    const { models } = await predicted(files.cpmBee)
    expect(models[0]!.kind).toBe('cpm-bee')
    expect(models[0]!.ways.flatMap(({ cost }) => cost.stages.map(({ stage }) => stage))).not.toContain('see')
  })

  it('takes a painter without VAE beside it, and says what it assumes', async () => {
    const half = tensor('float16', new Uint16Array(64), [1, 64])
    const file = join(folder, 'viscpm_paint_balance_checkpoint.safetensors')
    const tensors = {
      'llm.input_embedding.weight': half,
      'llm.position_bias.relative_attention_bias': half,
      'llm.encoder.layers.0.ffn.x': half,
      'unet.time_embedding.linear_1.weight': float32([1]),
      'unet.conv_in.weight': float32([1]),
      'trans_block.w_out_res.weight': float32([1]),
    }
    await writeSafetensors(await openAtomicSink(file), memoryWeights(tensors))
    const { models } = await predicted(file)
    expect(models[0]).toMatchObject({ kind: 'viscpm-paint', assumedVae: true, painting: { width: 512, steps: 50 } })
    expect((await run(['doctor', folder])).stdout).toContain("Stable Diffusion's is assumed")
  })

  it.each([
    ['en', 'as it is', 'tokens/s', 'a picture'],
    ['zh', '原样', '词元/秒', '每张图'],
  ])('shows tables (%s)', async (lang, ...texts) => {
    const { code, stdout } = await run(['doctor', 'tiny', '--lang', lang])
    expect(code).toBe(0)
    for (const text of texts) expect(stdout).toContain(text)
    expect(stdout).toMatch(/\d+\.\d MiB/)
  })

  it('refuses what cannot be run, and what is not there', async () => {
    const { code, stderr } = await run(['doctor', join(files.unsafe, 'good.pt')])
    expect(code).toBe(1)
    expect(stderr).toContain('nothing that runs by itself')
    expect((await run(['doctor', '/nowhere/model.pt'])).stderr).toContain('no such file or folder')
  })
})

describe('--memory', () => {
  const ask = ['chat', files.picture, 'what?', ...recordedModel]

  it('refuses what is no size before anything else', async () => {
    for (const command of [ask, ['ask', 'answer', 'x'], ['paint', 'a cat'], ['replay', 'a.png']]) {
      const { code, stderr } = await run([...command, '--memory', 'lots'])
      expect(code).toBe(2)
      expect(stderr).toContain('a size such as 8g')
    }
  })

  it('refuses a model that does not fit, with what to do', async () => {
    const { code, stderr } = await run([...ask, '--memory', '20m', '--lang', 'zh'])
    expect(code).toBe(1)
    expect(stderr).toContain('内存不足')
    expect(stderr).toContain('--memory low')
  })
})
