import { copyFile, cp, mkdir, open, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { failure, temporaryFolder, tinyModel } from './fixtures/tiny.js'
import { quantizeCheckpoint, readManifest, type VerifyProblem, verifyCheckpoint } from './index.js'

const folder = temporaryFolder()
const key = 'llm.encoder.layers.3.ffn.ffn.w_in.w_0.weight'

async function flip(file: string, at: number): Promise<void> {
  const handle = await open(file, 'r+')
  const byte = new Uint8Array(1)
  await handle.read(byte, 0, 1, at)
  byte[0]! ^= 1
  await handle.write(byte, 0, 1, at)
  await handle.close()
}

async function converted(): Promise<string> {
  await quantizeCheckpoint(tinyModel, folder.in('out'), { dtype: 'int4' })
  return folder.in('out/model.safetensors')
}

const problems = async (source?: string): Promise<readonly VerifyProblem[]> =>
  (await verifyCheckpoint(folder.in('out'), source === undefined ? {} : { source })).problems

describe('verify', () => {
  it('finds nothing wrong with what was just converted, alone and against its source', async () => {
    const file = await converted()
    const alone = await verifyCheckpoint(folder.in('out'))
    const { length } = await readFile(file)
    expect(alone).toMatchObject({ problems: [], source: 'not given' })
    expect(length - alone.bytes).toBeLessThan(100_000) // all but the header
    const compared = await verifyCheckpoint(folder.in('out'), { source: tinyModel, workers: 1 })
    expect(compared).toMatchObject({ problems: [], source: 'converted' })
  })

  it('finds a flipped bit, wherever it is', async () => {
    const file = await converted()
    const { tensors } = await readManifest(folder.in('out'))
    const { target, scales } = tensors.find(tensor => tensor.key === key)!
    const norm = tensors.find(tensor => tensor.key === 'llm.encoder.output_layernorm.weight')!
    for (const [at, problem] of [
      [target.offset, { kind: 'tensor', name: key }],
      [target.offset + target.length - 1, { kind: 'tensor', name: key }],
      [scales!.offset + 5, { kind: 'tensor', name: key }],
      [norm.target.offset + 3, { kind: 'tensor', name: norm.key }],
      [40, { kind: 'header', name: 'model.safetensors' }],
    ] as const) {
      await flip(file, at)
      expect(await problems()).toEqual([problem])
      await flip(file, at)
    }
    expect(await problems()).toEqual([])
  })

  it('finds a checkpoint cut off, and files beside it that are gone or changed', async () => {
    const file = await converted()
    await rm(folder.in('out/bee.txt'))
    await writeFile(folder.in('out/config.json'), '{}')
    expect(await problems()).toEqual([
      { kind: 'beside', name: 'bee.txt' },
      { kind: 'beside', name: 'config.json' },
    ])
    await copyFile(join(tinyModel, 'bee.txt'), folder.in('out/bee.txt'))
    await copyFile(join(tinyModel, 'config.json'), folder.in('out/config.json'))
    await truncate(file, 1_000_000)
    expect(await problems()).toEqual([{ kind: 'file', name: 'model.safetensors' }])
  })

  it('finds a manifest that was changed to fit', async () => {
    await converted()
    const path = folder.in('out/manifest.json')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('"rms":0.0', '"rms":0.1'))
    expect(await problems()).toEqual([{ kind: 'manifest', name: 'manifest.json' }])
  })

  it('finds another source: other bytes, or other tensors', async () => {
    await converted()
    await mkdir(folder.in('source'))
    await cp(tinyModel, folder.in('source'), { recursive: true })
    const { tensors } = await readManifest(folder.in('out'))
    const file = folder.in('source/model.safetensors')
    const { length } = await readFile(file)
    await flip(file, length - 2_000_001)
    const found = await problems(folder.in('source'))
    const changed = found.find(({ kind }) => kind === 'source')!
    expect(tensors.map(tensor => tensor.key)).toContain(changed.name)
    expect(new Set(found.map(({ name }) => name))).toEqual(new Set([changed.name]))
    const paint = join(tinyModel, '../../../tools/parity/goldens/checkpoints/chat-tiny/chat-tiny.fp16.bin')
    expect(await problems(paint)).toEqual([{ kind: 'plan', name: paint }])
  })

  it('says what it cannot check at all', async () => {
    expect(await failure(verifyCheckpoint(tinyModel))).toMatchObject({ code: 'FILE_NOT_FOUND' })
    await mkdir(folder.in('other'))
    await writeFile(folder.in('other/manifest.json'), '{"format": "of-another-tool"}')
    expect(await failure(verifyCheckpoint(folder.in('other')))).toMatchObject({ code: 'FILE_FORMAT' })
  })
})
