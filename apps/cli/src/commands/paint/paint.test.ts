import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { float32, InvalidArgumentError } from '@viscpm/core'
import { openAtomicSink } from '@viscpm/core/node'
import { memoryWeights, writeSafetensors } from '@viscpm/core/weights'
import type { PaintResult } from '@viscpm/paint'
import { readPainting } from '@viscpm/paint/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakePainterOptions, fakePainter } from '../../fixtures/fake-painter.js'
import { type RunOptions, run, start, until } from '../../fixtures/harness.js'
import { services as realServices } from '../../services.js'

let folder: string
let out: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'viscpm-cli-'))
  out = join(folder, 'cat.png')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const names = () => readdirSync(folder).sort()

async function paint(argv: readonly string[], options: FakePainterOptions = {}, given: RunOptions = {}) {
  const painter = fakePainter(options)
  const finished = await run(['paint', ...argv], { ...given, services: { loadPainter: painter.load } })
  return { ...finished, painter, request: painter.asked[0]! }
}

/** Grey of a written picture. */
const shade = async (file: string) => (await realServices.loadImage(file, {})).data[0]

describe('what is painted', () => {
  it('is written with how it was painted, and its path is the answer', async () => {
    const { code, stdout, stderr, painter } = await paint(['a red cat', '-o', out])
    expect(code).toBe(0)
    expect(stdout).toBe(`${out}\n`)
    expect(stderr).toMatch(
      /^loading tiny\nloaded tiny in .* s\nsafety strict: .*\npainting\npainted in .* s\nseed 7 · 0\.0 s\n$/,
    )
    expect(names()).toEqual(['cat.png'])
    expect(await readPainting(out)).toMatchObject({ prompt: 'a red cat', candidate: 0 })
    expect(painter.loaded).toMatchObject([{ where: 'tiny' }])
    expect(painter.log).toEqual(['dispose'])
  })

  it('is the best of the candidates; all of them and a sheet where they are kept', async () => {
    const { stdout, stderr } = await paint(['一只猫', '-o', out], { ranked: true })
    expect(stdout).toBe(`${out}\n`)
    expect(stderr).toContain('the best of 4, says fake-clip')
    expect(await shade(out)).toBe(70)
    expect(names()).toEqual(['cat.png'])
    const kept = await paint(['一只猫', '-o', out, '--candidates', 'keep'], { ranked: true })
    expect(names()).toEqual([...[1, 2, 3, 4].map(i => `cat-candidate-${i}.png`), 'cat-sheet.png', 'cat.png'])
    expect(kept.stdout.trim().split('\n')).toHaveLength(6)
    expect(kept.request).not.toHaveProperty('candidates')
    for (const [i, grey] of [10, 30, 50, 70].entries())
      expect(await shade(join(folder, `cat-candidate-${i + 1}.png`))).toBe(grey)
    const sheet = await realServices.loadImage(join(folder, 'cat-sheet.png'), {})
    expect(sheet.width).toBe(2 * (16 + 8) + 8)
  })

  it('is several pictures, each with its candidates', async () => {
    const { stdout, request } = await paint(['x', '-o', out, '-n', '2', '--candidates', '3', '--keep'], {
      ranked: true,
    })
    expect(request).toMatchObject({ count: 2, candidates: 3 })
    expect(stdout.split('\n').slice(0, 2)).toEqual([join(folder, 'cat-1.png'), join(folder, 'cat-2.png')])
    expect([await shade(join(folder, 'cat-1.png')), await shade(join(folder, 'cat-2.png'))]).toEqual([50, 110])
    expect(names()).toHaveLength(2 + 6 + 1)
  })

  it('says when the ranker does not read the language', async () => {
    const note = (result: PaintResult): PaintResult => ({ ...result, ranking: { ...result.ranking, note: 'x' } })
    const { stderr } = await paint(['a cat', '-o', out], { ranked: true, result: note })
    expect(stderr).toContain('fake-clip reads Chinese, the prompt is in English: its choice means little')
    const zh = await paint(['a cat', '-o', out, '--lang', 'zh'], { ranked: true, result: note })
    expect(zh.stderr).toContain('fake-clip 只懂中文，而提示词是英文')
    const one = await paint(['a cat', '-o', out, '--candidates', '1'], { ranked: true, result: note })
    expect(one.stderr).not.toContain('reads')
  })

  it('is one object with --json', async () => {
    const argv = ['一只猫', '-o', out, '--json', '--keep', '--seed', '1,2,3,18446744073709551615']
    const { code, stdout } = await paint(argv, { ranked: true })
    expect(code).toBe(0)
    expect(stdout.trimEnd()).not.toContain('\n')
    expect(JSON.parse(stdout)).toMatchObject({
      model: { name: 'Fake', hash: 'f00d' },
      prompt: '一只猫',
      negativePrompt: '',
      seed: ['1', '2', '3', '18446744073709551615'],
      scheduler: { _class_name: 'DDPMScheduler' },
      pictures: [{ file: out, candidate: 3 }],
      candidates: [0, 1, 2, 3].map(i => ({
        picture: 0,
        score: i,
        verdict: 'none',
        withheld: false,
        file: join(folder, `cat-candidate-${i + 1}.png`),
      })),
      sheet: join(folder, 'cat-sheet.png'),
      ranking: { by: 'fake-clip' },
      safety: { prompt: 'none' },
      timings: { total: 6 },
    })
  })

  it('is shown where the terminal can, while it grows too', async () => {
    const tty = { tty: true, colorDepth: 24, env: { NO_COLOR: '' } }
    const seen = await paint(['x', '-o', out], {}, tty)
    expect(seen.stdout).toContain('▀')
    expect(seen.request.onStep).toBeDefined()
    expect(seen.stderr).toContain('▀')
    // What grew is gone at the end.
    expect(seen.stderr.split('▀').at(-1)).toContain('\u001b[1A\u001b[2K')
    for (const flag of ['--no-preview', '--quiet', '--json']) {
      const hidden = await paint(['x', '-o', out, flag], {}, tty)
      expect(hidden.stdout + hidden.stderr).not.toContain('▀')
      expect(hidden.request).not.toHaveProperty('onStep')
    }
  })

  it('says nothing but the path when quiet', async () => {
    expect(await paint(['x', '-o', out, '--quiet'])).toMatchObject({ stdout: `${out}\n`, stderr: '' })
  })

  it('can be of nothing in particular', async () => {
    expect((await paint(['', '-o', out])).request.prompt).toBe('')
  })
})

describe('the options', () => {
  const picture = async (name: string, side = 16): Promise<string> => {
    const { sharpCodec } = await import('@viscpm/core/node')
    const image = { width: side, height: side, data: new Uint8Array(side * side * 3).fill(200) }
    const file = join(folder, name)
    writeFileSync(file, await sharpCodec().encode(image, 'png'))
    return file
  }

  it('reach the painter', async () => {
    const argv = ['x', '-o', out, '--negative', 'y', '--raw', '--count', '2', '--candidates', '2', '--seed', '-5']
    const more = ['--steps', '7', '--guidance', '3.5', '--guidance-interval', '0.25,0.75', '--size', '64x32']
    const { request, code } = await paint([...argv, ...more, '--batch-size', '1', '--scheduler', 'euler-a'])
    expect(code).toBe(0)
    expect(request).toMatchObject({
      prompt: 'x',
      negativePrompt: 'y',
      syntax: 'raw',
      count: 2,
      candidates: 2,
      seed: -5n,
      steps: 7,
      guidanceScale: 3.5,
      guidanceInterval: [0.25, 0.75],
      width: 64,
      height: 32,
      batchSize: 1,
      scheduler: { name: 'EulerAncestralDiscreteScheduler' },
    })
    const plain = (await paint(['x', '-o', out])).request
    expect(Object.keys(plain).sort()).toEqual(['onProgress', 'prompt', 'signal'])
    const { request: unguided } = await paint(['x', '-o', out, '--guidance', '1', '--skip-unguided', '--width', '8'])
    expect(unguided).toMatchObject({ skipUnguided: true, width: 8 })
    const faster = ['--preset', 'fast', '--deep-cache', '3,1', '--token-merging', '0.25']
    const { request: fast } = await paint(['x', '-o', out, ...faster])
    expect(fast).toMatchObject({ preset: 'fast', deepCache: { interval: 3, branch: 1 }, tokenMerging: 0.25 })
    expect(fast).not.toHaveProperty('scheduler')
    const { request: karras } = await paint(['x', '-o', out, '--preset', 'fast', '--karras', '--deep-cache', '2'])
    expect(karras).toMatchObject({ deepCache: { interval: 2 }, scheduler: { options: { useKarrasSigmas: true } } })
    expect(karras.scheduler?.name).toBe('DPMSolverMultistepScheduler')
  })

  it('read pictures and noise from files', async () => {
    const [image, mask] = [await picture('image.png'), await picture('mask.png')]
    const latents = join(folder, 'noise.safetensors')
    await writeSafetensors(await openAtomicSink(latents), memoryWeights({ x: float32([1, 2, 3, 4]) }))
    const given = ['--image', image, '--mask', mask, '--strength', '0.5', '--latents', latents]
    const { request } = await paint(['x', '-o', out, ...given])
    expect(request).toMatchObject({ image: { width: 16 }, mask: { width: 16 }, strength: 0.5 })
    expect([...request.latents!.data]).toEqual([1, 2, 3, 4])
    const piped = await paint(['x', '-o', out, '--image', '-'], {}, { stdin: readFileSync(image) })
    expect(piped.request.image?.data[0]).toBe(200)
  })

  it('reach the loader', async () => {
    const places = ['--model', 'm', '--vocab', 'v', '--config', 'c', '--unet-config', 'u', '--scheduler-config', 's']
    const more = ['--vae', 'a', '--language-model', 'l', '--memory', 'low', '--threads', '2', '--keep-half']
    const { painter } = await paint(['x', '-o', out, ...places, ...more, '--ranker', 'r'])
    expect(painter.loaded[0]).toMatchObject({
      where: 'm',
      options: {
        vocabulary: 'v',
        config: 'c',
        unetConfig: 'u',
        schedulerConfig: 's',
        vae: 'a',
        ranker: 'r',
        languageModel: 'l',
        memory: 'low',
        threads: 2,
        keepHalf: true,
      },
    })
    const none = (await paint(['x', '-o', out, '--no-ranker'])).painter.loaded[0]!.options
    expect(none.ranker).toBe(false)
    expect((await paint(['x', '-o', out])).painter.loaded[0]!.options).not.toHaveProperty('ranker')
  })

  it.each<[string, string[], string]>([
    ['a strength without a picture', ['--strength', '0.5'], '--strength needs a picture to start from'],
    ['a mask without a picture', ['--mask', 'm.png'], '--mask needs a picture to start from'],
    ['too much guidance', ['--guidance-interval', '0.5,0.2'], '--guidance-interval: must be two shares'],
    ['a strange interval', ['--guidance-interval', '1'], '--guidance-interval cannot be "1"'],
    ['an unknown preset', ['--preset', 'slow'], '--preset cannot be "slow"'],
    ['a cache of no steps', ['--deep-cache', '0'], '--deep-cache cannot be "0"'],
    ['a strange cache', ['--deep-cache', '3,'], '--deep-cache cannot be "3,"'],
    ['too much merging', ['--token-merging', '0.8'], '--token-merging: must be a share'],
    ['an unknown scheduler', ['--scheduler', 'eulr'], '--scheduler cannot be "eulr"'],
    [
      'Karras where there is none',
      ['--karras', '--scheduler', 'lcm'],
      '--karras cannot be used with the scheduler lcm',
    ],
    ['too many steps for it', ['--steps', '60', '--scheduler', 'lcm'], '--steps: must be at most 50'],
    ['no steps', ['--steps', '0'], '--steps cannot be "0"'],
    ['no pictures', ['--count', '0'], '--count cannot be "0"'],
    ['a word of candidates', ['--candidates', 'all'], '--candidates cannot be "all"'],
    ['a fraction of a seed', ['--seed', '1.5'], '--seed cannot be "1.5"'],
    ['a seed of 65 bits', ['--seed', '18446744073709551616'], '--seed cannot be'],
    ['a strange size', ['--size', 'large'], '--size cannot be "large"'],
    ['two sizes', ['--size', '64', '--width', '32'], 'cannot be used with'],
    ['both from standard input', ['--image', '-', '--mask', '-'], '--image - cannot be used with --mask -'],
    ['another kind of file', ['-o', 'cat.jpg'], 'its name must end in .png'],
  ])('%s: exit code 2 before anything is loaded', async (_what, argv, message) => {
    const { code, stderr, stdout, painter } = await paint(['x', ...argv])
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^error: .*\n$/)
    expect([code, stdout, painter.loaded.length]).toEqual([2, '', 0])
  })

  it('that do not fit the picture are found before anything is loaded', async () => {
    const [image, mask] = [await picture('image.png'), await picture('mask.png', 8)]
    for (const [argv, message, exit] of [
      [['--image', image, '--mask', mask], '--mask: 8 x 8 pixels, the picture has 16 x 16', 2],
      [['--image', image, '--strength', '0'], '--strength: must be above 0', 2],
      [['--image', image, '--strength', '0.1', '--steps', '5'], '--strength: 0.1 of 5 steps is less than one step', 2],
      [['--image', join(folder, 'none.png')], 'no such picture', 1],
      [['--latents', join(folder, 'none.pt')], 'no such file', 1],
    ] as const) {
      const { code, stderr, painter } = await paint(['x', '-o', out, ...argv])
      expect(stderr).toContain(message)
      expect([code, painter.loaded.length]).toEqual([exit, 0])
    }
  })

  it('that only the model knows to be wrong have their names', async () => {
    const error = new InvalidArgumentError({ argument: 'guidanceScale', message: 'is bad', hint: 'Do.' })
    const { code, stderr, painter } = await paint(['x', '-o', out], { error })
    expect(stderr).toContain('error: --guidance: is bad')
    expect([code, painter.log]).toEqual([2, ['dispose']])
    expect(names()).toEqual([])
  })
})

describe('what cannot be written', () => {
  it.each<[string, () => string, string]>([
    ['a folder', () => folder, 'is a folder'],
    ['a missing folder', () => join(folder, 'no', 'cat.png'), 'its folder does not exist'],
  ])('%s: found before anything is loaded', async (_what, file, message) => {
    const { code, stderr, painter } = await paint(['x', '-o', file()])
    expect(stderr).toContain(message)
    expect([code, painter.loaded.length]).toEqual([1, 0])
    expect(names()).toEqual([])
  })

  it('a folder that goes away meanwhile', async () => {
    const gate = async () => rmSync(folder, { recursive: true, force: true })
    const { code, stderr, stdout } = await paint(['x', '-o', out, '--json'], { gate })
    expect(stderr).toContain('its folder does not exist')
    expect([code, JSON.parse(stdout).error.code]).toEqual([1, 'WRITE_FAILED'])
  })

  it('more than the disk holds: found before anything is painted', async () => {
    const { code, stderr, painter } = await paint(['x', '-o', out, '--size', '900000', '--count', '900000'])
    expect(stderr).toContain('the disk is full')
    expect([code, painter.loaded.length, painter.asked.length]).toEqual([1, 1, 0])
  })
})

describe('Ctrl-C', () => {
  it.each([1, 2, 3])('at step %d: exit code 130, nothing written', async last => {
    let reached = 0
    const painter = fakePainter({
      gate: step => {
        reached = step
        return step < last ? Promise.resolve() : new Promise(() => {})
      },
    })
    const running = start(['paint', 'x', '-o', out], { services: { loadPainter: painter.load } })
    await until(() => reached === last, 'the step')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(running.stderr()).toContain('error: stopped')
    expect(running.stdout()).toBe('')
    expect(painter.log).toEqual(['dispose'])
    expect(running.listeners()).toBe(0)
    expect(names()).toEqual([])
  })
})

it('says what to do where the embedded painter is not installed', async () => {
  const { FileNotFoundError } = await import('@viscpm/core')
  const loadPainter = async (): Promise<never> => {
    throw new FileNotFoundError({ file: '/x/tiny/paint', message: 'no such model file or folder' })
  }
  const { code, stderr } = await run(['paint', 'x', '-o', out], { services: { loadPainter } })
  expect(code).toBe(1)
  expect(stderr).toContain('/x/tiny/paint: the embedded model that is installed has no painter')
  expect(stderr).toContain('--model FILE --vocab FILE --vae FOLDER')
})
