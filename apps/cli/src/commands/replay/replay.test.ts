import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharpCodec, writeFileAtomic } from '@viscpm/core/node'
import { type PaintMetadata, version, withMetadata } from '@viscpm/paint'
import { readPainting } from '@viscpm/paint/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FakePainterOptions, fakePainter } from '../../fixtures/fake-painter.js'
import { run, start, until } from '../../fixtures/harness.js'
import { comparePixels } from './compare.js'

let folder: string
let picture: string
let metadata: PaintMetadata
const at = (name: string) => join(folder, name)

/** The painted picture with another description. */
async function described(name: string, changes: Partial<PaintMetadata>): Promise<string> {
  const image = { width: 16, height: 16, data: new Uint8Array(16 * 16 * 3).fill(30) }
  await writeFileAtomic(at(name), withMetadata(await sharpCodec().encode(image, 'png'), { ...metadata, ...changes }))
  return at(name)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'viscpm-cli-'))
  picture = at('cat.png')
  const argv = ['paint', 'a cat', '-o', picture, '--steps', '5', '--candidates', '2', '--seed', '9']
  await run(argv, { services: { loadPainter: fakePainter({ ranked: true }).load } })
  metadata = { ...(await readPainting(picture)), software: { paint: version, backend: 'fake' } }
  await described('cat.png', {})
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function replay(argv: readonly string[], options: FakePainterOptions = {}) {
  const painter = fakePainter({ ranked: true, ...options })
  const finished = await run(['replay', ...argv], { services: { loadPainter: painter.load } })
  return { ...finished, painter }
}

describe('replay', () => {
  it('paints as the picture says, and finds the same pixels', async () => {
    const { code, stdout, painter } = await replay([picture, '-o', at('again.png')])
    expect(stdout).toBe(`the same pixels\n${at('again.png')}\n`)
    expect(code).toBe(0)
    expect(painter.asked).toMatchObject([{ prompt: 'a cat', steps: 5, candidates: 2, seed: 9n, width: 16 }])
    // No ranker is needed: which candidate it was, the picture says.
    expect(painter.loaded).toMatchObject([{ where: 'tiny', options: { ranker: false } }])
    expect(painter.log).toEqual(['dispose'])
    expect(await readPainting(at('again.png'))).toMatchObject({ candidate: 1 })
  })

  it('says how the pixels differ: exit code 1', async () => {
    const { code, stdout } = await replay([picture], { shade: () => 33 })
    expect(stdout).toBe(
      'another picture:\n- 256 of 256 pixels differ (100.0 %)\n- by at most 3 of 255, by 3.00 on average\n',
    )
    expect(code).toBe(1)
    const zh = await replay([picture, '--lang', 'zh'], { shade: () => 33 })
    expect(zh.stdout).toContain('256 个像素不同')
  })

  it('says why they may: another model, another version', async () => {
    const other = await described('other.png', {
      model: { name: 'Other', hash: 'beef' },
      software: { paint: '9.9.9', backend: 'fake' },
    })
    const { code, stdout } = await replay([other])
    expect(stdout).toContain('- painted by another model: Other beef, this is f00d')
    expect(stdout).toContain('- painted by version 9.9.9')
    // All the same they are equal here.
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'the same pixels'])
  })

  it('is one object with --json', async () => {
    const same = JSON.parse((await replay([picture, '--json'])).stdout)
    expect(same).toEqual({
      picture,
      same: true,
      safety: expect.objectContaining({ policy: 'strict' }),
      differences: [],
      pixels: { pixels: 256, differing: 0, largest: 0, mean: 0 },
      model: { name: 'Fake', hash: 'f00d' },
    })
    const { code, stdout } = await replay([picture, '--json', '-o', at('x.png')], { shade: () => 29 })
    expect(JSON.parse(stdout)).toMatchObject({ same: false, pixels: { largest: 1 }, output: at('x.png') })
    expect(code).toBe(1)
  })

  it.each<[string, () => Promise<string[]>, number, string]>([
    ['no picture', async () => [at('none.png')], 1, 'no such picture'],
    ['no painting', async () => [plain()], 1, 'plain.png: this is no PNG file'],
    ['a picture from a picture', () => only({ image: 'x', strength: 0.5 }), 2, 'give it with --image'],
    [
      'a picture with a mask',
      async () => [...(await only({ image: 'x', mask: 'y' })), '--image', picture],
      2,
      '--mask',
    ],
    ['a needless picture', async () => [picture, '--image', picture], 2, 'it was painted without --image'],
    ['latents', () => only({ latents: 'x' }), 1, 'its first noise was given by the caller'],
    ['a folder to write to', async () => [picture, '-o', folder], 1, 'is a folder'],
  ])('%s: found before anything is loaded', async (_what, argv, exit, message) => {
    const { code, stderr, stdout, painter } = await replay(await argv())
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^error: .*\n$/)
    expect([code, stdout, painter.loaded.length]).toEqual([exit, '', 0])
  })

  it('of a prompt that is blocked ends with 3', async () => {
    const { code, stdout, stderr } = await replay([await described('harmful.png', { prompt: 'p0rn' })])
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toContain('error: the prompt was blocked by word-list (sexual)')
    const off = await replay([at('harmful.png'), '--safety', 'off', '--quiet'])
    expect([off.code, off.stderr]).toEqual([0, 'safety off: neither texts nor pictures are checked\n'])
  })

  it('of a picture that is withheld, or painted anew, compares nothing', async () => {
    const verdict = { decision: 'block', checker: 'eyes', category: 'blood' } as const
    const verdicts = [verdict]
    for (const change of [
      { withheld: true, action: 'block', verdict, verdicts },
      { replaced: [{ verdict, verdicts }] },
    ] as const) {
      const result: FakePainterOptions['result'] = r => ({
        ...r,
        candidates: r.candidates.map(candidate => ({ ...candidate, ...change })),
      })
      const { code, stdout, stderr } = await replay([picture, '-o', at('blocked.png')], { result })
      expect([code, stdout, readdirSync(folder).includes('blocked.png')]).toEqual([3, '', false])
      expect(stderr).toContain('error: the painted picture was blocked by eyes (blood): harmful')
    }
  })

  const only = async (changes: Partial<PaintMetadata>) => [await described('changed.png', changes)]
  function plain(): string {
    writeFileSync(at('plain.png'), 'no picture')
    return at('plain.png')
  }

  it('says that an unknown scheduler is unknown', async () => {
    const { code, stderr } = await replay(await only({ scheduler: { _class_name: 'NoScheduler' } }))
    expect(stderr).toContain('NoScheduler')
    expect(code).toBe(1)
  })

  it('stops at Ctrl-C and writes nothing', async () => {
    let painting = false
    const gate = () => {
      painting = true
      return new Promise<void>(() => {})
    }
    const loadPainter = fakePainter({ gate }).load
    const running = start(['replay', picture, '-o', at('stopped.png')], { services: { loadPainter } })
    await until(() => painting, 'the painting')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
    expect(readdirSync(folder)).not.toContain('stopped.png')
  })
})

describe('comparePixels', () => {
  const image = (...shades: number[]) => ({
    width: shades.length,
    height: 1,
    data: Uint8Array.from(shades.flatMap(shade => [0, shade, 0])),
  })

  it('counts pixels and measures how far they are', () => {
    expect(comparePixels(image(1, 2, 3), image(1, 2, 3))).toMatchObject({ same: true, differing: 0, largest: 0 })
    expect(comparePixels(image(1, 2, 3), image(1, 8, 0))).toEqual({
      same: false,
      pixels: 3,
      differing: 2,
      largest: 6,
      mean: 1,
    })
  })

  it('of other sizes are all different', () => {
    expect(comparePixels(image(1, 2), image(1))).toMatchObject({
      same: false,
      differing: 2,
      sizes: { recorded: [2, 1], painted: [1, 1] },
    })
  })
})
