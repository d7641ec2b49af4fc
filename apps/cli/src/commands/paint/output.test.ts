import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { messagesOf } from '../../messages/index.js'
import { checkOutput, checkRoom, outputFiles } from './output.js'

const t = messagesOf('en')
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'viscpm-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('outputFiles', () => {
  it('numbers pictures and candidates', () => {
    expect(outputFiles('out/cat.png', { count: 1, candidates: 4, keep: false })).toEqual({
      pictures: ['out/cat.png'],
      candidates: [],
      sheet: undefined,
    })
    expect(outputFiles('cat.PNG', { count: 2, candidates: 2, keep: true })).toEqual({
      pictures: ['cat-1.png', 'cat-2.png'],
      candidates: ['cat-1-candidate-1.png', 'cat-1-candidate-2.png', 'cat-2-candidate-1.png', 'cat-2-candidate-2.png'],
      sheet: 'cat-sheet.png',
    })
    // Sorted by name they are in order.
    const many = outputFiles('x.png', { count: 11, candidates: 1, keep: false }).pictures
    expect([...many].sort()).toEqual(many)
  })

  it('never chooses the name of a file that exists', () => {
    const one = { count: 1, candidates: 2, keep: false }
    const next = () => outputFiles(undefined, one, folder).pictures.map(file => file.slice(folder.length + 1))
    expect(next()).toEqual(['painting.png'])
    writeFileSync(join(folder, 'painting.png'), '')
    expect(next()).toEqual(['painting-2.png'])
    writeFileSync(join(folder, 'painting-2.png'), '')
    writeFileSync(join(folder, 'painting-3-sheet.png'), '')
    expect(next()).toEqual(['painting-3.png'])
    // Nor one of which a candidate or the sheet exists.
    expect(outputFiles(undefined, { ...one, keep: true }, folder).pictures).toEqual([join(folder, 'painting-4.png')])
    expect(outputFiles(undefined, { ...one, count: 2 }, folder).pictures).toEqual([
      join(folder, 'painting-2-1.png'),
      join(folder, 'painting-2-2.png'),
    ])
  })
})

describe('checkOutput', () => {
  const failure = (given: string, count = 1) =>
    checkOutput(given, count, t).then(
      () => undefined,
      error => error,
    )

  it('finds what cannot be written, and leaves nothing behind', async () => {
    expect(await failure(folder)).toMatchObject({ code: 'WRITE_FAILED', message: `${folder}: is a folder` })
    expect(await failure(join(folder, 'no', 'cat.png'))).toMatchObject({ code: 'WRITE_FAILED' })
    expect(await failure(join(folder, 'cat.jpg'))).toMatchObject({ name: 'UsageError' })
    writeFileSync(join(folder, 'file'), '')
    expect(await failure(join(folder, 'file', 'cat.png'))).toMatchObject({ code: 'WRITE_FAILED' })
    expect(await failure(join(folder, 'cat.png'))).toBeUndefined()
    expect(await failure(join(folder, 'cat.png'), 3)).toBeUndefined()
    expect(readdirSync(folder)).toEqual(['file'])
  })

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('finds a folder without permission', async () => {
    chmodSync(folder, 0o500)
    expect(await failure(join(folder, 'cat.png'))).toMatchObject({ code: 'WRITE_FAILED' })
    chmodSync(folder, 0o700)
  })
})

describe('checkRoom', () => {
  it('refuses what will not go onto the disk', async () => {
    const file = join(folder, 'cat.png')
    await expect(checkRoom(file, 100, t, async () => 99)).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: `${file}: the disk is full`,
    })
    await checkRoom(file, 100, t, async () => 100)
    await checkRoom(file, 100, t, async () => undefined)
    await checkRoom(file, 100, t)
    await expect(checkRoom(file, 2 ** 70, t)).rejects.toMatchObject({ code: 'WRITE_FAILED' })
  })
})
