import { mkdir, mkdtemp, open, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { DisposedError, WriteFailedError } from '../errors.js'
import { float32, zeros } from '../tensor.js'
import { memoryWeights } from '../weights/memory.js'
import { writeSafetensors } from '../weights/write.js'
import { openAtomicSink, writeFileAtomic } from './atomic.js'

let root: string
let folder: string
let handles: { write(...args: unknown[]): Promise<{ bytesWritten: number }>; sync(): Promise<void> }

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'viscpm-atomic-'))
  const handle = await open(root, 'r')
  handles = Object.getPrototypeOf(handle) as typeof handles
  await handle.close()
})
afterAll(() => rm(root, { recursive: true }))
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'case-'))
})
afterEach(() => vi.restoreAllMocks())

const failing = (code: string): Error => Object.assign(new Error(code), { code })

describe('writeFileAtomic', () => {
  it('writes and replaces whole files, and leaves nothing else', async () => {
    const path = join(folder, 'config.json')
    await writeFileAtomic(path, '猫')
    expect(await readFile(path, 'utf8')).toBe('猫')
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3))
    expect([...(await readFile(path))]).toEqual([1, 2, 3])
    expect(await readdir(folder)).toEqual(['config.json'])
  })

  it('keeps a link a link', async () => {
    await writeFile(join(folder, 'real'), 'old')
    await symlink('real', join(folder, 'link'))
    await writeFileAtomic(join(folder, 'link'), 'new')
    expect(await readlink(join(folder, 'link'))).toBe('real')
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('new')
  })

  it.skipIf(process.platform === 'win32')('keeps the permissions of the file that it replaces', async () => {
    await writeFile(join(folder, 'secret'), 'old', { mode: 0o600 })
    await writeFileAtomic(join(folder, 'secret'), 'new')
    expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600)
  })

  it('says why it cannot write', async () => {
    await mkdir(join(folder, 'taken'))
    for (const [path, message] of [
      [join(folder, 'no', 'file'), /its folder does not exist/],
      [join(folder, 'taken'), /it is a folder/],
    ] as const) {
      const error = await writeFileAtomic(path, 'x').catch((e: unknown) => e)
      expect(error).toBeInstanceOf(WriteFailedError)
      expect((error as Error).message).toMatch(message)
    }
    expect(await readdir(folder)).toEqual(['taken'])
  })
})

describe('openAtomicSink', () => {
  it('shows nothing under the final name before commit', async () => {
    const path = join(folder, 'a')
    const sink = await openAtomicSink(path)
    await sink.write(Uint8Array.of(1))
    await sink.write(Uint8Array.of(2))
    expect((await readdir(folder)).includes('a')).toBe(false)
    await sink.commit()
    expect([...(await readFile(path))]).toEqual([1, 2])
    await sink.abort()
    expect(await readdir(folder)).toEqual(['a'])
    await expect(sink.write(Uint8Array.of(3))).rejects.toBeInstanceOf(DisposedError)
  })

  it('leaves the older file when aborted', async () => {
    const path = join(folder, 'a')
    await writeFile(path, 'old')
    const sink = await openAtomicSink(path)
    await sink.write(Uint8Array.of(1))
    await sink.abort()
    await sink.abort()
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['a'])
    await expect(sink.commit()).rejects.toBeInstanceOf(DisposedError)
  })

  it('goes on after a write that took only a part', async () => {
    const write = handles.write
    vi.spyOn(handles, 'write').mockImplementation(function (this: unknown, bytes, offset) {
      return write.call(this, bytes, offset, 1)
    })
    await writeFileAtomic(join(folder, 'a'), 'hello')
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('hello')
  })
})

describe('a full disk', () => {
  const weights = memoryWeights({ a: zeros('float32', [1000]), b: float32([1]) })
  const faults: Record<string, () => void> = {
    'in the first write': () => vi.spyOn(handles, 'write').mockRejectedValue(failing('ENOSPC')),
    'in a later write': () => {
      const write = handles.write
      let calls = 0
      vi.spyOn(handles, 'write').mockImplementation(function (this: unknown, ...args) {
        return ++calls === 3 ? Promise.reject(failing('ENOSPC')) : write.apply(this, args)
      })
    },
    'when flushing': () => vi.spyOn(handles, 'sync').mockRejectedValue(failing('ENOSPC')),
  }
  for (const [when, inject] of Object.entries(faults))
    it(`${when}: a typed error, nothing left, the older file as it was`, async () => {
      const path = join(folder, 'model.safetensors')
      await writeFile(path, 'old')
      const sink = await openAtomicSink(path)
      inject()
      const error = await writeSafetensors(sink, weights).catch((e: unknown) => e)
      vi.restoreAllMocks()
      expect(error).toBeInstanceOf(WriteFailedError)
      expect((error as Error).message).toMatch(/model\.safetensors: the disk is full/)
      expect((error as WriteFailedError).hint).toMatch(/Free some space/)
      expect(await readdir(folder)).toEqual(['model.safetensors'])
      expect(await readFile(path, 'utf8')).toBe('old')
    })
})
