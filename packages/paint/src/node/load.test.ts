import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tensor } from '@viscpm/core'
import { openAtomicSink, openCheckpoint } from '@viscpm/core/node'
import { memoryWeights, writeSafetensors } from '@viscpm/core/weights'
import type { DenoisingStep } from '@viscpm/unet-sampler'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { goldens } from '../fixtures/goldens.js'
import { checkpoint, failure, load, places, recorded } from '../fixtures/painter.js'
import type { LoadOptions } from './index.js'
import { VisCPMPaint } from './index.js'

const quick = { prompt: '一只猫', steps: 1, seed: 3 }
const ranker = goldens('reranker')

describe.skipIf(!recorded)('load', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'viscpm-paint-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** The recorded weights, changed by `edit`, as a safetensors file. */
  async function write(name: string, edit: (tensors: Map<string, Tensor>) => void = () => {}): Promise<string> {
    const source = await openCheckpoint(checkpoint())
    const tensors = new Map<string, Tensor>()
    for (const key of source.keys()) tensors.set(key, await source.read(key))
    await source.close()
    edit(tensors)
    const file = join(folder, name)
    await writeSafetensors(await openAtomicSink(file), memoryWeights(tensors))
    return file
  }
  /** Everything beside the weights, where it is looked for. */
  async function beside(): Promise<void> {
    const { vocabulary, config, vae } = places() as Required<Pick<LoadOptions, 'vocabulary' | 'config' | 'vae'>>
    await copyFile(vocabulary, join(folder, 'bee.txt'))
    await copyFile(config, join(folder, 'cpm-bee.json'))
    await mkdir(join(folder, 'unet'))
    await copyFile(join(checkpoint(), '../unet/config.json'), join(folder, 'unet/config.json'))
    await mkdir(join(folder, 'vae'))
    for (const name of ['config.json', 'diffusion_pytorch_model.safetensors'])
      await copyFile(join(vae, name), join(folder, 'vae', name))
  }
  async function painted(where: string, options: LoadOptions = {}): Promise<Uint8Array> {
    const painter = await VisCPMPaint.load(where, { threads: 1, ...options })
    const { images } = await painter.generate({ ...quick, candidates: 1 })
    await painter.dispose()
    return images[0]!.data
  }
  const expected = () => painted(checkpoint(), places())

  it('takes a folder with all its parts, in whatever container', async () => {
    await write('paint.safetensors')
    await beside()
    const found = await painted(folder)
    expect(found).toEqual(await expected())
    const [painter, original] = [await VisCPMPaint.load(folder), await load()]
    // Equal weights in another container are the same model.
    expect(painter.modelHash).toBe(original.modelHash)
    expect([painter.defaultSize, painter.sizeStep]).toEqual([64, 8])
    await Promise.all([painter.dispose(), original.dispose()])
  })

  it('takes the language model from elsewhere', async () => {
    const isLlm = (key: string) => key.startsWith('llm.')
    const drop = (match: (key: string) => boolean) => (tensors: Map<string, Tensor>) => {
      for (const key of tensors.keys()) if (match(key)) tensors.delete(key)
    }
    const file = await write('paint.safetensors', drop(isLlm))
    const chat = await write(
      'chat.safetensors',
      drop(key => !isLlm(key)),
    )
    await beside()
    expect(await failure(VisCPMPaint.load(file))).toMatchObject({
      code: 'FILE_FORMAT',
      hint: expect.stringMatching(/languageModel/),
    })
    expect(await painted(file, { languageModel: chat })).toEqual(await expected())
  })

  it.skipIf(!ranker)('takes the ranker that lies beside it', async () => {
    await write('viscpm_paint_test.safetensors')
    await beside()
    await cp(join(ranker!, 'model'), join(folder, 'chinese-clip'), { recursive: true })
    const painter = await VisCPMPaint.load(folder, { memory: 'low', threads: 1 })
    const { candidates, ranking, chosen } = await painter.generate(quick)
    expect(ranking).toMatchObject({ by: 'chinese-clip', languages: ['zh'] })
    const scores = candidates.map(({ score }) => score!)
    expect(scores).toHaveLength(4)
    expect(chosen).toEqual([scores.indexOf(Math.max(...scores))])
    await painter.dispose()
    const without = await VisCPMPaint.load(folder, { ranker: false, threads: 1 })
    expect((await without.generate(quick)).candidates).toHaveLength(1)
    await without.dispose()
  })

  it('reads the scheduler beside it as diffusers 0.15.0 did', async () => {
    const file = join(folder, 'scheduler_config.json')
    await writeFile(file, JSON.stringify({ _class_name: 'PNDMScheduler', steps_offset: 1, beta_start: 0.001 }))
    const painter = await load({ schedulerConfig: file })
    const timesteps: number[] = []
    const { candidates } = await painter.generate({ ...quick, steps: 4, onStep: s => timesteps.push(s.timestep) })
    expect(timesteps).toEqual([750, 500, 250, 0])
    expect(candidates[0]!.metadata.scheduler).toMatchObject({ _class_name: 'DDPMScheduler', beta_start: 0.001 })
    await painter.dispose()
  })

  it("takes the model's own defaults, where it has some", async () => {
    const file = join(folder, 'generation_config.json')
    await writeFile(file, JSON.stringify({ num_inference_steps: 2, guidance_scale: 4 }))
    const painter = await load({ generationConfig: file })
    expect(painter.defaults).toEqual({ steps: 2, guidanceScale: 4 })
    const paint = async (options: object) =>
      (await painter.generate({ prompt: 'a', seed: 1, candidates: 1, ...options })).candidates[0]!.metadata
    expect(await paint({})).toMatchObject({ steps: 2, guidanceScale: 4 })
    expect(await paint({ steps: 1, guidanceScale: 5 })).toMatchObject({ steps: 1, guidanceScale: 5 })
    await painter.dispose()
    const original = await load()
    expect(original.defaults).toEqual({ steps: 50, guidanceScale: 7.5 })
    await original.dispose()
  })

  it('shows previews in the colours that lie beside the VAE', async () => {
    const file = join(folder, 'vae/preview_factors.json')
    await write('paint.safetensors')
    await beside()
    const preview = async (options: LoadOptions = {}) => {
      const painter = await VisCPMPaint.load(folder, { threads: 1, ...options })
      let seen: readonly number[] = []
      const onStep = (step: DenoisingStep) => {
        seen = [...step.preview()[0]!.data.subarray(0, 3)]
      }
      await painter.generate({ ...quick, candidates: 1, onStep })
      await painter.dispose()
      return seen
    }
    const factors = Array(4).fill([0, 0, 0])
    await writeFile(file, JSON.stringify({ factors, bias: [1, -1, 1] }))
    expect(await preview()).toEqual([255, 0, 255])
    expect(await preview({ previewFactors: { factors, bias: [-1, 1, -1] } })).toEqual([0, 255, 0])
    await writeFile(file, JSON.stringify({ factors: [] }))
    expect(await failure(VisCPMPaint.load(folder))).toMatchObject({ code: 'CONFIG', field: 'factors' })
  })

  it('names what is missing, and how to give it', async () => {
    const file = await write('paint.safetensors')
    const { vocabulary, config, vae } = places() as Required<LoadOptions>
    expect(await failure(VisCPMPaint.load('nowhere.pt'))).toMatchObject({ code: 'FILE_NOT_FOUND', file: 'nowhere.pt' })
    expect(await failure(VisCPMPaint.load(file, { config, vae }))).toMatchObject({
      code: 'VOCABULARY',
      hint: expect.stringContaining('--vocab'),
    })
    expect(await failure(VisCPMPaint.load(file, { vocabulary, config }))).toMatchObject({
      code: 'FILE_NOT_FOUND',
      hint: expect.stringContaining('--vae'),
    })
    expect(await failure(VisCPMPaint.load(file, { vocabulary, vae }))).toMatchObject({
      code: 'CONFIG',
      field: 'config',
    })
    expect(await failure(VisCPMPaint.load(file, { vocabulary, vae, config }))).toMatchObject({ field: 'unetConfig' })
    for (const option of ['vocabulary', 'config', 'unetConfig', 'schedulerConfig', 'vae', 'ranker'])
      expect(await failure(load({ [option]: 'nowhere' }))).toMatchObject({
        code: 'FILE_NOT_FOUND',
        message: expect.stringContaining(`'${option}'`),
      })
  })

  it('is called as its config.json says', async () => {
    const json = JSON.parse(await readFile(places().config!, 'utf8')) as object
    const named = join(folder, 'named.json')
    await writeFile(named, JSON.stringify({ name: 'viscpm-mine', cpm_bee: json }))
    const painters = [await load({ config: named }), await load({ config: named, name: 'given' }), await load()]
    expect(painters.map(({ name }) => name)).toEqual(['viscpm-mine', 'given', 'VisCPM-Paint'])
    for (const painter of painters) await painter.dispose()
  })

  it('refuses parts that do not fit together, in either mode', async () => {
    const file = join(folder, 'cpm-bee.json')
    const json = JSON.parse(await readFile(places().config!, 'utf8')) as object
    await writeFile(file, JSON.stringify({ ...json, dim_model: 32 }))
    const unetConfig = join(folder, 'unet.json')
    const unet = JSON.parse(await readFile(join(checkpoint(), '../unet/config.json'), 'utf8')) as object
    await writeFile(unetConfig, JSON.stringify({ ...unet, cross_attention_dim: 64 }))
    for (const memory of ['normal', 'low'] as const) {
      expect(await failure(load({ config: file, memory }))).toMatchObject({ code: 'CONFIG', field: 'dim_model' })
      expect(await failure(load({ unetConfig, memory }))).toMatchObject({ field: 'cross_attention_dim' })
      const broken = await write('x.safetensors', tensors => tensors.delete('unet.conv_out.bias'))
      const given = { ...places(), unetConfig: join(checkpoint(), '../unet/config.json'), memory }
      expect(await failure(VisCPMPaint.load(broken, given))).toMatchObject({ keys: ['unet.conv_out.bias'] })
    }
  })

  it('refuses a checkpoint of another kind, an unknown mode, and to begin when aborted', async () => {
    const { vocabulary, config, vae } = places() as Required<LoadOptions>
    const other = join(vae, 'diffusion_pytorch_model.safetensors')
    expect(await failure(VisCPMPaint.load(other, { vocabulary, config, vae }))).toMatchObject({ code: 'FILE_FORMAT' })
    expect(await failure(load({ memory: 'tiny' as never }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      argument: 'memory',
    })
    const signal = AbortSignal.abort(new Error('no'))
    expect(await failure(load({ signal }))).toMatchObject({ message: 'no' })
  })

  it('names the step where weights give NaN', async () => {
    const file = await write('nan.safetensors', tensors => {
      ;(tensors.get('unet.conv_out.bias')!.data as Float32Array).fill(Number.NaN)
    })
    const given = { ...places(), unetConfig: join(checkpoint(), '../unet/config.json') }
    const painter = await VisCPMPaint.load(file, given)
    expect(await failure(painter.generate({ ...quick, steps: 3 }))).toMatchObject({
      code: 'NON_FINITE',
      message: expect.stringMatching(/^step 1 of 3 \(timestep 666\)/),
    })
    await painter.dispose()
  })
})
