import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TorchGenerator } from '@viscpm/core/random'
import { EulerAncestralDiscreteScheduler } from '@viscpm/unet-sampler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { checkpoint, failure, load, places, recorded } from './fixtures/painter.js'
import { type GenerateOptions, type PaintMetadata, replay, type VisCPMPaint, version } from './index.js'
import { VisCPMPaint as Loader, readPainting, savePainting } from './node/index.js'

it('knows its version', () => {
  expect(version).toBe(manifest.version)
})

describe.skipIf(!recorded)('replay', () => {
  let painter: VisCPMPaint
  let folder: string
  beforeAll(async () => {
    painter = await load()
    folder = await mkdtemp(join(tmpdir(), 'viscpm-paint-'))
  })
  afterAll(async () => {
    await painter?.dispose()
    await rm(folder, { recursive: true, force: true })
  })
  const quick = { prompt: '一只猫', steps: 2, seed: 2n ** 60n + 5n } satisfies GenerateOptions
  const image = { width: 64, height: 64, data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7) % 256) }
  const mask = { ...image, data: image.data.map((_, i) => (i < 6000 ? 255 : 0)) }

  it.each<[string, GenerateOptions]>([
    ['plainly', quick],
    [
      'with a negative prompt in raw syntax, unguided',
      { ...quick, negativePrompt: '<mask>', syntax: 'raw', guidanceScale: 1, skipUnguided: true },
    ],
    ['with candidates and a list of seeds', { ...quick, candidates: 3, seed: [1, 2, 3] }],
    [
      'with another scheduler',
      { ...quick, scheduler: new EulerAncestralDiscreteScheduler({ timestepSpacing: 'trailing' }) },
    ],
    ['fast', { ...quick, steps: 5, preset: 'fast', candidates: 2 }],
    ['with a deeper cache', { ...quick, steps: 4, deepCache: { interval: 2, branch: 1 }, tokenMerging: 0.3 }],
    ['from a picture in a mask', { ...quick, image, mask, strength: 0.6, guidanceInterval: [0, 0.9] }],
  ])('paints a picture again that was painted %s', async (_, options) => {
    const { candidates } = await painter.generate(options)
    const file = join(folder, 'painted.png')
    await savePainting(file, candidates.at(-1)!)
    const metadata = await readPainting(file)
    expect(metadata).toEqual(candidates.at(-1)!.metadata)
    const inputs = options.image ? { image, mask } : {}
    const plan = await replay(metadata, painter, inputs)
    expect(plan).toMatchObject({ differences: [], candidate: candidates.length - 1 })
    const again = await painter.generate(plan.options)
    expect(again.candidates[plan.candidate]!.image).toEqual(candidates.at(-1)!.image)
    expect(again.candidates[plan.candidate]!.metadata).toEqual(metadata)
  })

  it('says what differs', async () => {
    const { candidates } = await painter.generate({ ...quick, image, mask })
    const metadata: PaintMetadata = {
      ...candidates[0]!.metadata,
      software: { paint: '9.9.9', backend: '' },
      latents: 'x',
    }
    const { seed: _, ...unseeded } = metadata
    const half = await Loader.load(checkpoint('viscpm_paint_tiny_half.pt'), places())
    const { differences } = await replay(unseeded, half, { image: mask })
    expect(differences).toHaveLength(6)
    for (const [i, part] of [
      /another model/,
      /9\.9\.9/,
      /generator/,
      /first noise/,
      /image is not/,
      /given mask/,
    ].entries())
      expect(differences[i]).toMatch(part)
    await half.dispose()
    expect((await replay(metadata, painter, { mask })).differences.join()).toMatch(/given image/)
    const { candidates: free } = await painter.generate({
      ...quick,
      seed: undefined,
      generators: new TorchGenerator(4),
    })
    expect((await replay(free[0]!.metadata, painter)).differences).toHaveLength(1)
    const scheduler = { _class_name: 'NoScheduler' }
    expect(await failure(replay({ ...metadata, scheduler }, painter))).toMatchObject({ code: 'CONFIG' })
  })

  it('leaves no half file where writing fails', async () => {
    const { candidates } = await painter.generate(quick)
    const failed = await failure(savePainting(join(folder, 'nowhere', 'x.png'), candidates[0]!))
    expect(failed).toMatchObject({ code: 'WRITE_FAILED' })
    expect((await readdir(folder)).filter(name => name !== 'painted.png')).toEqual([])
    expect(await failure(readPainting(join(folder, 'none.png')))).toMatchObject({ code: 'FILE_NOT_FOUND' })
  })
})
