import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { wholeNumber } from '../transformers/json.js'
import { type ModelFolder, openModelFolder } from './model-folder.js'

const size = (json: unknown) => wholeNumber((json as { size?: unknown }).size, 'size')

describe('openModelFolder', () => {
  let at: string
  let folder: ModelFolder
  beforeEach(async () => {
    at = await mkdtemp(join(tmpdir(), 'viscpm-folder-'))
    folder = await openModelFolder(at, 'a.json and the weights')
  })
  afterEach(() => rm(at, { recursive: true, force: true }))

  it('reads files, needed ones and others', async () => {
    await writeFile(folder.at('a.json'), '{"size": 7}')
    expect(await folder.json('a.json', size)).toBe(7)
    expect(await folder.jsonIfThere('a.json', size)).toBe(7)
    expect(await folder.jsonIfThere('b.json', size)).toBeUndefined()
    expect(new TextDecoder().decode(await folder.bytes('a.json'))).toBe('{"size": 7}')
    for (const missing of [() => folder.bytes('b.json'), () => folder.json('b.json', size)])
      await expect(missing()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', file: join(at, 'b.json') })
  })

  it.each([
    ['{"size": 0}', 'size', 'a positive whole number is needed, found 0 (in '],
    ['{"size": ', '', 'is not JSON'],
    ['"\xff"', '', 'is not JSON'],
  ])('names the file and the field of %j', async (content, field, message) => {
    const file = folder.at('a.json')
    await writeFile(file, content, 'latin1')
    const failure = folder.json('a.json', size)
    await expect(failure).rejects.toMatchObject({ code: 'CONFIG', field: field || file })
    await expect(failure).rejects.toThrow(message)
    await expect(failure).rejects.toThrow(file)
  })

  it('leaves other errors of the reader as they are', async () => {
    await writeFile(folder.at('a.json'), '{}')
    const mine = new Error('mine')
    await expect(
      folder.json('a.json', () => {
        throw mine
      }),
    ).rejects.toBe(mine)
  })

  it('says when something is there that cannot be read', async () => {
    await mkdir(folder.at('a.json'))
    await expect(folder.jsonIfThere('a.json', size)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })

  it('needs a folder', async () => {
    await writeFile(folder.at('a.json'), '{}')
    for (const wrong of [folder.at('a.json'), folder.at('nowhere')])
      await expect(openModelFolder(wrong, 'a.json and the weights')).rejects.toMatchObject({
        code: 'FILE_NOT_FOUND',
        file: wrong,
        hint: 'Name the folder that holds a.json and the weights.',
      })
  })
})
