import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCheckpoint } from '@viscpm/core/node'
import { DPMSolverMultistepScheduler } from '@viscpm/unet-sampler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replay } from '../replay.js'
import { type QuantizedPainter, quantizeUNet, VisCPMPaint } from './index.js'

const quick = { source: 'tiny', prompts: ['a red cat', '一辆公交车'], steps: 6, threads: 2 } as const

describe('quantizeUNet', () => {
  let folder: string
  let output: string
  let made: QuantizedPainter
  const phases: string[] = []
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'viscpm-int8-'))
    output = join(folder, 'int8')
    const onProgress = ({ phase, done, total }: { phase: string; done: number; total?: number }) => {
      expect(done).toBeLessThanOrEqual(total!)
      if (phases.at(-1) !== phase) phases.push(phase)
    }
    made = await quantizeUNet({ ...quick, output, onProgress })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function painted(where: string): Promise<Uint8Array> {
    const scheduler = new DPMSolverMultistepScheduler({})
    const painter = await VisCPMPaint.load(where, { threads: 2, scheduler, ranker: false })
    const { candidates } = await painter.generate({ prompt: 'a blue banana', seed: 7, steps: 10, candidates: 1 })
    await painter.dispose()
    return candidates[0]!.image.data
  }

  it('writes all that painting needs, smaller', async () => {
    expect(phases).toEqual(['calibrate', 'write'])
    expect(await readdir(folder)).toEqual(['int8'])
    const names = ['bee.txt', 'chinese-clip', 'config.json', 'generation_config.json', 'paint.safetensors']
    expect((await readdir(output)).sort()).toEqual([...names, 'scheduler', 'unet', 'vae'])
    expect(made).toMatchObject({ unetLayers: 165, vaeLayers: 0 })
    const weights = await openCheckpoint(join(output, 'paint.safetensors'))
    const dtypes = (key: string) => weights.info(key).dtype
    expect(dtypes('unet.down_blocks.0.resnets.0.conv1.weight')).toBe('int8')
    expect(dtypes('unet.down_blocks.0.resnets.0.conv1.bias')).not.toBe('int8')
    expect(dtypes('unet.conv_in.weight')).not.toBe('int8')
    expect(weights.keys().filter(key => weights.info(key).quantization)).toHaveLength(165)
    expect(weights.keys().some(key => key.startsWith('llm.'))).toBe(true)
    await weights.close()
  })

  it('paints nearly, but not exactly, the same', async () => {
    const [exact, near] = [await painted('tiny'), await painted(output)]
    const squares = exact.reduce((sum, level, i) => sum + (level - near[i]!) ** 2, 0)
    const psnr = 10 * Math.log10((255 ** 2 * exact.length) / squares)
    expect(psnr).toBeGreaterThan(28)
    expect(psnr).toBeLessThan(60)
  })

  it('paints the same with low memory and with all that makes it faster, and its pictures can be replayed', async () => {
    const [plain, kept, low] = [
      await VisCPMPaint.load('tiny', { threads: 2, ranker: false }),
      await VisCPMPaint.load(output, { threads: 2, ranker: false }),
      await VisCPMPaint.load(output, { threads: 2, ranker: false, memory: 'low' }),
    ]
    const request = { prompt: 'a red cat', preset: 'fast', steps: 6, seed: 3, candidates: 1 } as const
    const [exact, fast, again] = [
      await plain.generate(request),
      await kept.generate(request),
      await low.generate(request),
    ]
    expect(again.images[0]!.data).toEqual(fast.images[0]!.data)
    expect(exact.images[0]!.data).not.toEqual(fast.images[0]!.data)
    // The file says which UNet it was, and only that one paints it again.
    const { metadata } = fast.candidates[0]!
    expect(metadata).toMatchObject({ deepCache: { interval: 3 }, tokenMerging: 0.5, guidanceInterval: [0, 0.6] })
    expect(metadata.model.hash).toBe(kept.modelHash)
    expect(metadata.model.hash).not.toBe(plain.modelHash)
    const { options, differences } = await replay(metadata, kept)
    expect(differences).toEqual([])
    expect((await kept.generate(options)).images[0]!.data).toEqual(fast.images[0]!.data)
    expect((await replay(metadata, plain)).differences).toHaveLength(1)
    await Promise.all([plain.dispose(), kept.dispose(), low.dispose()])
  })

  it("takes the VAE's decoder too", async () => {
    const both = join(folder, 'both')
    const { unetLayers, vaeLayers } = await quantizeUNet({
      ...quick,
      output: both,
      prompts: ['a cat'],
      steps: 2,
      vaeDecoder: true,
      keep: [/^(?!mid_block)/],
    })
    expect(unetLayers).toBeGreaterThan(0)
    expect(unetLayers).toBeLessThan(40)
    expect(vaeLayers).toBeGreaterThan(20)
    const vae = await openCheckpoint(join(both, 'vae'))
    expect(vae.info('decoder.mid_block.resnets.0.conv1.weight').dtype).toBe('int8')
    expect(vae.has('encoder.conv_in.weight')).toBe(true)
    await vae.close()
    expect((await painted(both)).length).toBe(64 * 64 * 3)
  })

  it('leaves nothing when it is stopped, or told nonsense', async () => {
    const failing = async (options: object) =>
      quantizeUNet({ ...quick, output: join(folder, 'none'), ...options }).then(
        () => undefined,
        error => error,
      )
    const stop = new AbortController()
    const onProgress = ({ phase }: { phase: string }) => phase === 'write' && stop.abort(new Error('enough'))
    expect(await failing({ prompts: ['a'], steps: 1, signal: stop.signal, onProgress })).toMatchObject({
      message: 'enough',
    })
    expect(await failing({ prompts: [] })).toMatchObject({ argument: 'prompts' })
    expect(await failing({ steps: 0 })).toMatchObject({ argument: 'steps' })
    expect(await failing({ source: 'nowhere' })).toMatchObject({ code: 'FILE_NOT_FOUND' })
    expect(await failing({ output })).toMatchObject({ code: 'WRITE_FAILED' })
    expect(await failing({ source: output })).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'source' })
    expect(await failing({ output: join(folder, 'no', 'such') })).toMatchObject({ code: 'WRITE_FAILED' })
    expect((await readdir(folder)).filter(name => name.startsWith('.') || name === 'none')).toEqual([])
  })
})
