import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { QuantizedPainter, QuantizeUNetOptions } from '@viscpm/paint/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run, start, until } from '../../fixtures/harness.js'

const made: QuantizedPainter = { unetLayers: 165, vaeLayers: 0, bytes: 16_395_912 }

function fake(work: (options: QuantizeUNetOptions) => Promise<QuantizedPainter> = async () => made) {
  const asked: QuantizeUNetOptions[] = []
  const quantizeUNet = async (options: QuantizeUNetOptions) => {
    asked.push(options)
    return work(options)
  }
  return { asked, services: { quantizeUNet } }
}

describe('calibrate', () => {
  it('asks for what the options say', async () => {
    const { asked, services } = fake(async () => ({ ...made, vaeLayers: 30 }))
    const args = ['--prompt', 'a lake', '--prompt', '湖', '--steps', '3', '--percentile', '0.999', '--keep', 'ff']
    const parts = ['--vocab', 'bee.txt', '--vae', 'vae', '--threads', '2', '--vae-decoder']
    const { code, stdout } = await run(['calibrate', 'model', '-o', 'out', ...args, ...parts], { services })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^out: 165 layers of the UNet .* 15\.6 MiB/)
    expect(stdout).toContain("30 layers of the VAE's decoder")
    expect(stdout).toContain('--model out')
    const { signal, onProgress, keep, ...rest } = asked[0]!
    expect([signal, onProgress].every(Boolean)).toBe(true)
    expect(keep!.some(pattern => 'a.ff.net.2.weight'.search(pattern) >= 0)).toBe(true)
    expect(keep!.some(pattern => 'conv_in.weight'.search(pattern) >= 0)).toBe(true)
    expect(rest).toEqual({
      source: 'model',
      output: 'out',
      prompts: ['a lake', '湖'],
      steps: 3,
      method: 'percentile',
      percentile: 0.999,
      vocabulary: 'bee.txt',
      vae: 'vae',
      threads: 2,
      vaeDecoder: true,
    })
  })

  it('leaves everything else to the library', async () => {
    const { asked, services } = fake()
    const { stdout } = await run(['calibrate', 'tiny', '-o', 'out', '--json'], { services })
    const { signal: _, onProgress: __, ...rest } = asked[0]!
    expect(rest).toEqual({ source: 'tiny', output: 'out' })
    expect(JSON.parse(stdout)).toEqual({ folder: 'out', ...made })
  })

  it('refuses a pattern that is none, and a missing folder', async () => {
    const { asked, services } = fake()
    const bad = await run(['calibrate', 'tiny', '-o', 'out', '--keep', '('], { services })
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('--keep (') })
    expect((await run(['calibrate', 'tiny'], { services })).code).toBe(2)
    expect(asked).toEqual([])
  })

  it('stops with Ctrl-C', async () => {
    const { asked, services } = fake(
      ({ signal }) => new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason))),
    )
    const running = start(['calibrate', 'tiny', '-o', 'out'], { services })
    await until(() => asked.length > 0, 'calibrating')
    running.interrupt()
    expect(await running.exitCode).toBe(130)
  })
})

describe('calibrate the embedded painter', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'viscpm-calibrate-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('makes a painter that paints', { timeout: 120_000 }, async () => {
    const output = join(folder, 'int8')
    const calibrated = await run(['calibrate', 'tiny', '-o', output, '--prompt', 'a red cat', '--steps', '2', '--json'])
    expect(calibrated.code).toBe(0)
    expect(JSON.parse(calibrated.stdout)).toMatchObject({ folder: output, unetLayers: 165 })
    expect(await readdir(folder)).toEqual(['int8'])
    const picture = join(folder, 'cat.png')
    const options = ['--model', output, '-o', picture, '--steps', '1', '--candidates', '1', '--json']
    const painted = await run(['paint', 'a red cat', ...options])
    expect(painted).toMatchObject({ code: 0 })
    // It cannot be calibrated once more.
    const again = await run(['calibrate', output, '-o', join(folder, 'again')])
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('quantized already') })
    expect((await readdir(folder)).sort()).toEqual(['cat.png', 'int8'])
  })

  it('does not write over anything', async () => {
    const output = join(folder, 'mine')
    await mkdir(output)
    await writeFile(join(output, 'letter.txt'), 'x')
    const { code, stderr } = await run(['calibrate', 'tiny', '-o', output])
    expect(code).toBe(1)
    expect(stderr).toContain('not empty')
    expect(await readdir(folder)).toEqual(['mine'])
  })
})
