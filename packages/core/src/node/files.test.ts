import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DisposedError, FileFormatError, FileNotFoundError } from '../errors.js'
import { float32 } from '../tensor.js'
import { memoryWeights } from '../weights/memory.js'
import { writeSafetensors } from '../weights/write.js'
import { openAtomicSink } from './atomic.js'
import { openCheckpoint, openFile } from './files.js'

const good = fileURLToPath(new URL('../../../../tools/parity/goldens/checkpoints/unsafe/good.pt', import.meta.url))
const text = fileURLToPath(new URL('../../../../tools/parity/goldens/checkpoints/unsafe/text.pt', import.meta.url))
let root: string
let folder: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'viscpm-files-'))
})
afterAll(() => rm(root, { recursive: true }))
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'case-'))
})

async function failure(opening: Promise<unknown>): Promise<FileFormatError | FileNotFoundError> {
  const error = await opening.then(
    () => undefined,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(Error)
  return error as FileFormatError
}

async function safetensors(path: string, key: string): Promise<void> {
  await writeSafetensors(await openAtomicSink(path), memoryWeights({ [key]: float32([1, 2]) }))
}

describe('openFile', () => {
  it('reads at any offset, several reads at once, and knows the real path', async () => {
    await writeFile(
      join(folder, 'real'),
      Uint8Array.from({ length: 1000 }, (_, i) => i & 255),
    )
    await symlink('real', join(folder, 'link'))
    const file = await openFile(join(folder, 'link'))
    expect([file.size, file.name, file.path]).toEqual([1000, join(folder, 'link'), join(folder, 'real')])
    const parts = await Promise.all([file.read(990, 10), file.read(0, 3), file.read(500, 1), file.read(1000, 0)])
    expect(parts.map(p => [...p])).toEqual([[222, 223, 224, 225, 226, 227, 228, 229, 230, 231], [0, 1, 2], [244], []])
    await file.close()
    await file.close()
    await expect(file.read(0, 1)).rejects.toBeInstanceOf(DisposedError)
  })

  it('refuses ranges outside the file before allocating them', async () => {
    const file = await openFile(good)
    for (const [offset, length] of [
      [0, 2 ** 45],
      [-1, 1],
      [0, -1],
      [2 ** 50, 1],
      [Number.NaN, 1],
    ] as const)
      await expect(file.read(offset, length)).rejects.toBeInstanceOf(FileFormatError)
    await file.close()
  })

  it('notices that the file became shorter', async () => {
    const path = join(folder, 'shrinks')
    await writeFile(path, new Uint8Array(100))
    const file = await openFile(path)
    await truncate(path, 60)
    expect((await file.read(0, 60)).length).toBe(60)
    const error = await failure(file.read(50, 20))
    expect(error).toBeInstanceOf(FileFormatError)
    expect(error.message).toMatch(/became shorter than the 100 bytes.*at byte 60/)
    await file.close()
  })

  it('says what is wrong with a path', async () => {
    await copyFile(good, join(folder, 'model.pt'))
    const missing = await failure(openFile(join(folder, 'modle.pt')))
    expect(missing).toBeInstanceOf(FileNotFoundError)
    expect(missing.hint).toMatch(/there is model\.pt/)
    const nowhere = await failure(openFile(join(folder, 'no', 'model.pt')))
    expect(nowhere.hint).toMatch(/does not exist either/)
    expect((await failure(openFile(folder))).message).toMatch(/a folder, not a file/)
    expect((await failure(openFile(join(folder, 'model.pt', 'x')))).code).toBe('FILE_NOT_FOUND')
  })

  it.skipIf(process.platform === 'win32')('does not wait for a pipe', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    expect((await failure(openFile(join(folder, 'pipe')))).message).toMatch(/not a regular file/)
  })
})

describe('openCheckpoint', () => {
  it('opens a file of any kind', async () => {
    await safetensors(join(folder, 'weights'), 'a')
    for (const [path, format] of [
      [good, 'torch-zip'],
      [join(folder, 'weights'), 'safetensors'],
    ] as const) {
      const source = await openCheckpoint(path)
      expect(source.format).toBe(format)
      const place = source.locate(source.keys()[0]!)!
      expect(place.source.path).toBe(path)
      await source.close()
      await expect(source.read(source.keys()[0]!)).rejects.toBeInstanceOf(DisposedError)
    }
  })

  it('finds the checkpoint of a folder by its usual names, else the only one', async () => {
    await writeFile(join(folder, 'config.json'), '{}')
    const found = async (): Promise<string> => {
      const source = await openCheckpoint(folder)
      await source.close()
      return basename(source.name)
    }
    await copyFile(good, join(folder, 'viscpm_chat.pt'))
    expect(await found()).toBe('viscpm_chat.pt')
    await copyFile(good, join(folder, 'pytorch_model.bin'))
    expect(await found()).toBe('pytorch_model.bin')
    await safetensors(join(folder, 'model.safetensors'), 'a')
    expect(await found()).toBe('model.safetensors')
  })

  it('opens shards beside their index, through links too', async () => {
    await mkdir(join(folder, 'blobs'))
    await mkdir(join(folder, 'snapshot'))
    const index = { weight_map: { a: 'one.safetensors', b: 'two.safetensors' } }
    await writeFile(join(folder, 'blobs', '00'), JSON.stringify(index))
    await safetensors(join(folder, 'blobs', '01'), 'a')
    await safetensors(join(folder, 'blobs', '02'), 'b')
    await symlink('../blobs/00', join(folder, 'snapshot', 'model.safetensors.index.json'))
    await symlink('../blobs/01', join(folder, 'snapshot', 'one.safetensors'))
    await symlink('../blobs/02', join(folder, 'snapshot', 'two.safetensors'))
    const source = await openCheckpoint(join(folder, 'snapshot'))
    expect(source.keys()).toEqual(['a', 'b'])
    expect(source.locate('b')!.source.path).toBe(join(folder, 'blobs', '02'))
    expect((await source.read('b')).data).toEqual(Float32Array.of(1, 2))
    await source.close()
    await rm(join(folder, 'snapshot', 'two.safetensors'))
    expect((await failure(openCheckpoint(join(folder, 'snapshot')))).code).toBe('FILE_NOT_FOUND')
  })

  it('lists the candidates of an ambiguous folder, and what it looked for in one without any', async () => {
    await copyFile(good, join(folder, 'a.pt'))
    await copyFile(good, join(folder, 'b.bin'))
    const several = await failure(openCheckpoint(folder))
    expect(several.message).toMatch(/several files could be the checkpoint: a\.pt, b\.bin/)
    expect(several.hint).toBeDefined()
    await mkdir(join(folder, 'empty'))
    const none = await failure(openCheckpoint(join(folder, 'empty')))
    expect(none.code).toBe('FILE_NOT_FOUND')
    expect(none.hint).toMatch(/model\.safetensors/)
    expect((await failure(openCheckpoint(join(folder, 'nothing')))).code).toBe('FILE_NOT_FOUND')
  })

  it('closes the file when it is no checkpoint', async () => {
    expect((await failure(openCheckpoint(text))).message).toMatch(/Git LFS pointer/)
  })
})
