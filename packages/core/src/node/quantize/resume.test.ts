import { execFileSync } from 'node:child_process'
import { statSync, truncateSync } from 'node:fs'
import {
  appendFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startChild } from './fixtures/child.js'
import { failure, hashesOf, temporaryFolder, writeLargeBee } from './fixtures/tiny.js'
import { quantizeCheckpoint, standingModel, verifyCheckpoint } from './index.js'

// Before the folders that they are in: hooks run in the reverse order.
const folder = temporaryFolder()
const mounted: string[] = []
afterEach(() => {
  for (const path of mounted.splice(0)) execFileSync('umount', [path])
})

const options = { dtype: 'int4', embedding: 'int4' } as const
// VISCPM_KILL_POINTS=200 takes some minutes, with a checkpoint large enough that most runs go on with an earlier one.
const points = Number(process.env.VISCPM_KILL_POINTS ?? 10)
const many = points > 10

let original: string
let expected: Record<string, string>

beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), 'viscpm-bee-'))
  await writeLargeBee(join(original, 'bee'))
  await quantizeCheckpoint(join(original, 'bee'), join(original, 'expected'), options)
  expected = await hashesOf(join(original, 'expected'))
})
afterAll(() => rm(original, { recursive: true, force: true }))

const source = () => join(original, 'bee')
const sourceFile = () => join(original, 'bee', 'model.safetensors')
const journal = () => folder.in('.out.converting/journal')

/** Converts until so much is done, then stops as Ctrl-C does. */
async function convertPart(share: number, from = source()): Promise<void> {
  const stop = new AbortController()
  const stopped = quantizeCheckpoint(from, folder.in('out'), {
    ...options,
    signal: stop.signal,
    workers: 1,
    onProgress: ({ done, total }) => done > share * total! && stop.abort(new Error('stopped')),
  })
  expect(await failure(stopped)).toMatchObject({ message: 'stopped' })
}

/** A copy of the source that may be changed; its time is one that can be set again. */
async function ownSource(): Promise<string> {
  await mkdir(folder.in('own'))
  await writeFile(folder.in('own/model.safetensors'), await readFile(sourceFile()))
  await utimes(folder.in('own/model.safetensors'), 1_000_000, 1_000_000)
  return folder.in('own')
}

async function flip(file: string, at: number): Promise<void> {
  const handle = await open(file, 'r+')
  const byte = new Uint8Array(1)
  await handle.read(byte, 0, 1, at)
  byte[0]! ^= 16
  await handle.write(byte, 0, 1, at)
  await handle.close()
}

describe('a conversion that was stopped', () => {
  it('is gone on with, and gives the same bytes', async () => {
    await convertPart(0.5)
    expect(await readdir(folder.path)).toEqual(['.out.converting'])
    const result = await quantizeCheckpoint(source(), folder.in('out'), { ...options, workers: 3 })
    expect(result.resumed).toBeGreaterThan(20e6)
    expect(result.resumed + result.converted).toBe((await stat(sourceFile())).size - headerBytes())
    expect(await hashesOf(folder.in('out'))).toEqual(expected)
    expect(await readdir(folder.path)).toEqual(['out'])
  })

  it('does again what its journal does not say, or says of other bytes', async () => {
    await convertPart(0.7)
    const text = await readFile(journal(), 'utf8')
    await writeFile(journal(), `${text.slice(0, -40)}`) // the last line is cut off
    await flip(folder.in('.out.converting/model/model.safetensors'), 4_000_000)
    const result = await quantizeCheckpoint(source(), folder.in('out'), options)
    expect(result.resumed).toBeGreaterThan(8e6)
    expect(await hashesOf(folder.in('out'))).toEqual(expected)
  })

  it('believes no line after one that is damaged', async () => {
    await convertPart(0.7)
    await writeFile(folder.in('.out.converting/model/.manifest.json.0123.tmp'), 'left by a process that was killed')
    const lines = (await readFile(journal(), 'utf8')).split('\n')
    await writeFile(
      journal(),
      [lines[0], lines[1], lines[2]!.replace('"tensor"', '"tens0r"'), ...lines.slice(3)].join('\n'),
    )
    const result = await quantizeCheckpoint(source(), folder.in('out'), options)
    expect([result.resumed > 0, result.resumed < 5e6]).toEqual([true, true])
    expect(await hashesOf(folder.in('out'))).toEqual(expected)
  })

  it('is not mixed up with one of other options', async () => {
    await convertPart(0.5)
    const other = { ...options, rounding: 'search' } as const
    expect(await failure(quantizeCheckpoint(source(), folder.in('out'), other))).toMatchObject({ code: 'WRITE_FAILED' })
    await quantizeCheckpoint(source(), folder.in('out'), { ...other, force: true })
    expect(await hashesOf(folder.in('out'))).not.toEqual(expected)
    expect((await verifyCheckpoint(folder.in('out'), { source: source() })).problems).toEqual([])
  })
})

describe('a source that changes', () => {
  it('is noticed where the conversion is gone on with', async () => {
    const own = await ownSource()
    await convertPart(0.5, own)
    await utimes(join(own, 'model.safetensors'), 1_000_001, 1_000_001)
    expect(await failure(quantizeCheckpoint(own, folder.in('out'), options))).toMatchObject({
      code: 'SOURCE_CHANGED',
      hint: expect.stringContaining('--force'),
    })
    await quantizeCheckpoint(own, folder.in('out'), { ...options, force: true })
    expect((await verifyCheckpoint(folder.in('out'), { source: own })).problems).toEqual([])
  })

  it('is noticed by its bytes, though size and time are the same', async () => {
    const own = await ownSource()
    await convertPart(0.9, own)
    await flip(join(own, 'model.safetensors'), 1000)
    await utimes(join(own, 'model.safetensors'), 1_000_000, 1_000_000)
    expect(await failure(quantizeCheckpoint(own, folder.in('out'), options))).toMatchObject({ code: 'SOURCE_CHANGED' })
  })

  it('is noticed while it is converted', async () => {
    const own = await ownSource()
    let changed = false
    const converting = quantizeCheckpoint(own, folder.in('out'), {
      ...options,
      onProgress: ({ done }) => {
        if (changed || done === 0) return
        changed = true
        execFileSync('touch', [join(own, 'model.safetensors')])
      },
    })
    expect(await failure(converting)).toMatchObject({ code: 'SOURCE_CHANGED' })
    expect(await readdir(folder.path)).toEqual(['own'])
  })

  it('or becomes shorter', async () => {
    const own = await ownSource()
    const converting = quantizeCheckpoint(own, folder.in('out'), {
      ...{ ...options, workers: 1 },
      onProgress: ({ done }) => done > 0 && truncateSync(join(own, 'model.safetensors'), 9_000_000),
    })
    expect(await failure(converting)).toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining('shorter'),
    })
  })
})

describe('an older model', () => {
  it('is in the way, or stays until it is replaced', async () => {
    await mkdir(folder.in('out'))
    await writeFile(folder.in('out/config.json'), '{}')
    expect(await failure(quantizeCheckpoint(source(), folder.in('out'), options))).toMatchObject({
      code: 'WRITE_FAILED',
      hint: expect.stringContaining('--force'),
    })
    let seen = 0
    await quantizeCheckpoint(source(), folder.in('out'), {
      ...{ ...options, force: true },
      onProgress: async () => {
        seen += (await readFile(folder.in('out/config.json'), 'utf8')).length
      },
    })
    expect(seen).toBeGreaterThan(0)
    expect(await hashesOf(folder.in('out'))).toEqual(expected)
  })

  it('is not made again where it is the very same', async () => {
    await quantizeCheckpoint(source(), folder.in('out'), options)
    const { ino } = await stat(folder.in('out/model.safetensors'))
    const again = await quantizeCheckpoint(source(), folder.in('out'), options)
    expect(again).toMatchObject({ existed: true, converted: 0 })
    expect((await stat(folder.in('out/model.safetensors'))).ino).toBe(ino)
  })

  it('comes back when the process died between moving it away and replacing it', async () => {
    await quantizeCheckpoint(source(), folder.in('out'), options)
    await rename(folder.in('out'), folder.in('.out.replaced'))
    expect(await standingModel(folder.in('out'))).toBe(folder.in('.out.replaced'))
    expect((await verifyCheckpoint(folder.in('out'), { source: source() })).problems).toEqual([])
    const again = await quantizeCheckpoint(source(), folder.in('out'), options)
    expect(again.existed).toBe(true)
    expect(await standingModel(folder.in('out'))).toBe(folder.in('out'))
    expect(await hashesOf(folder.in('out'))).toEqual(expected)
    expect(await readdir(folder.path)).toEqual(['out'])
  })
})

describe('two at once', () => {
  it('the second is refused, by name of the first', async () => {
    const first = quantizeCheckpoint(source(), folder.in('out'), options)
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(await failure(quantizeCheckpoint(source(), folder.in('out'), options))).toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringContaining(String(process.pid)),
    })
    await first
  })

  it('a lock whose process is gone, or that is damaged, is taken over', async () => {
    const dead = { pid: 2 ** 22 - 3, host: (await import('node:os')).hostname(), began: '1' }
    await writeFile(folder.in('.out.lock.0123456789ab'), 'of a process that was killed')
    for (const text of [JSON.stringify(dead), '{"pid"']) {
      await writeFile(folder.in('.out.lock'), text)
      await quantizeCheckpoint(source(), folder.in('out'), { ...options, force: true })
      expect(await hashesOf(folder.in('out'))).toEqual(expected)
      expect(await readdir(folder.path)).toEqual(['out'])
    }
    await writeFile(folder.in('.out.lock'), JSON.stringify({ ...dead, host: 'elsewhere' }))
    expect(await failure(quantizeCheckpoint(source(), folder.in('out'), options))).toMatchObject({
      code: 'WRITE_FAILED',
    })
  })
})

describe('a full disk', () => {
  it('is told before anything is written, where it can be known', async () => {
    const small = await mountedFolder(3)
    if (!small) return
    const failed = await failure(quantizeCheckpoint(source(), join(small, 'out'), options))
    expect(failed).toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringMatching(/GB are needed, .* GB are free/),
    })
    expect(await readdir(small)).toEqual([])
  })

  it('in the middle leaves what is done, to go on with when there is room', async () => {
    const disk = await mountedFolder(40)
    if (!disk) return
    let filled = false
    const converting = quantizeCheckpoint(source(), join(disk, 'out'), {
      ...{ ...options, workers: 1 },
      onProgress: ({ done, total }) => {
        if (filled || done < total! / 2) return
        filled = true
        try {
          execFileSync('dd', ['if=/dev/zero', `of=${join(disk, 'other')}`, 'bs=64k'], { stdio: 'ignore' })
        } catch {}
      },
    })
    expect(await failure(converting)).toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringContaining('disk is full'),
    })
    expect((await readdir(disk)).sort()).toEqual(['.out.converting', 'other'])
    await rm(join(disk, 'other'))
    const { resumed } = await quantizeCheckpoint(source(), join(disk, 'out'), options)
    expect(resumed).toBeGreaterThan(20e6)
    expect(await hashesOf(join(disk, 'out'))).toEqual(expected)
  })

  // Every write in turn is the first that fails; half of them, where nothing else is asked for.
  it.each(['main', 'worker'])('from any write of the %s thread on: told, and gone on with', async thread => {
    const preload = new URL('./fixtures/full-disk.mjs', import.meta.url)
    const convert = (at: number) => {
      const full = `export NODE_OPTIONS="--import ${preload}" FULL_DISK_OF=${thread} FULL_DISK_AT=${at}`
      return startChild(source(), folder.in('out'), { ...options, workers: 1 }, full).ended
    }
    let failures = 0
    for (let at = 0; ; at += many ? 1 : thread === 'main' ? 2 : 7) {
      const { said } = await convert(at)
      if (said.converted !== undefined) break
      expect(said).toMatchObject({ code: 'WRITE_FAILED', message: expect.stringContaining('the disk is full') })
      const left = await readdir(folder.path)
      expect(left.filter(name => name !== '.out.converting')).toEqual([])
      failures++
      if (at % 4 > 1) continue
      await quantizeCheckpoint(source(), folder.in('out'), options)
      expect(await hashesOf(folder.in('out'))).toEqual(expected)
      expect(await readdir(folder.path)).toEqual(['out'])
      await rm(folder.in('out'), { recursive: true })
    }
    expect(failures).toBeGreaterThan(2)
    expect(await hashesOf(folder.in('out'))).toEqual(expected)
  })

  it('a limit of file sizes is told by name, and nothing is taken for whole', async () => {
    const { said } = await startChild(source(), folder.in('out'), options, 'ulimit -f 2000').ended
    expect(said).toMatchObject({ code: 'WRITE_FAILED', message: expect.stringContaining('no file that large') })
    expect(await readdir(folder.path)).toEqual(['.out.converting'])
    await quantizeCheckpoint(source(), folder.in('out'), options)
    expect(await hashesOf(folder.in('out'))).toEqual(expected)
  })
})

describe('kill -9', () => {
  it(`at ${points} points: the next run gives the same bytes, and an older model is there throughout`, async () => {
    const slow = { rounding: 'search', workers: 1 } as const
    const settings = { ...options, force: true, ...(many && slow) }
    const from = many ? await writeLargeBee(folder.in('large'), 4) : source()
    const began = performance.now()
    await quantizeCheckpoint(from, folder.in('whole'), settings)
    const whole = performance.now() - began
    const complete = JSON.stringify(await hashesOf(folder.in('whole')))
    await mkdir(folder.in('out'))
    await appendFile(folder.in('out/config.json'), '{"older": true}')
    const older = JSON.stringify(await hashesOf(folder.in('out')))
    const count = { killed: 0, finished: 0, resumed: 0, old: 0 }
    for (let point = 0; point < points; point++) {
      const child = startChild(from, folder.in('out'), settings)
      await child.begun
      const share = many ? Math.random() : (point + 0.5) / points
      await new Promise(resolve => setTimeout(resolve, share * whole * (many ? 1 : 1.1)))
      child.process.kill('SIGKILL')
      const { signal, said } = await child.ended
      if (signal === 'SIGKILL') count.killed++
      else count.finished++
      if (Number(said.resumed) > 0) count.resumed++
      const now = JSON.stringify(await hashesOf(folder.in('out')))
      if (now === older) count.old++
      else expect(now).toBe(complete)
      // From the beginning again, with an older model in place.
      if (now === complete) {
        await rm(folder.in('out'), { recursive: true })
        await mkdir(folder.in('out'))
        await appendFile(folder.in('out/config.json'), '{"older": true}')
      }
    }
    if (many) console.log(`kill -9 at ${points} points:`, count)
    expect(count.killed).toBeGreaterThan(points / 4)
    if (many) expect(count.resumed).toBeGreaterThan(points / 50)
    const { said } = await startChild(from, folder.in('out'), settings).ended
    expect(said).toHaveProperty('resumed')
    expect(JSON.stringify(await hashesOf(folder.in('out')))).toBe(complete)
    expect((await readdir(folder.path)).filter(name => name.startsWith('.'))).toEqual([])
  }, 1_800_000)
})

/** Bytes of the source's file that are no tensors. */
function headerBytes(): number {
  const tensors = 4 * (1024 * 1536 + 1024 + 45000 * 256 + 32 * 8)
  return statSync(sourceFile()).size - tensors
}

/** A small file system of its own; undefined, with a warning, where it cannot be had. Taken away with the test's folder. */
async function mountedFolder(megabytes: number): Promise<string | undefined> {
  const path = folder.in('disk')
  await mkdir(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', path], { stdio: 'pipe' })
  } catch {
    console.warn('SKIPPED: a small file system cannot be mounted here')
    return undefined
  }
  mounted.push(path)
  const { bavail, bsize } = await statfs(path)
  expect(bavail * bsize).toBeLessThanOrEqual(megabytes * 2 ** 20)
  return path
}
