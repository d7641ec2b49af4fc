import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileFormatError, InvalidArgumentError } from '@viscpm/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openJsonLines, readJsonLines } from './json-lines.js'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-lines-'))
  file = join(folder, 'answers.jsonl')
})
afterEach(() => rm(folder, { recursive: true }))

const number = (json: unknown): number => {
  const { n } = json as { n?: unknown }
  if (typeof n !== 'number') throw new Error('n is no number')
  return n
}
const open = (settings: unknown = { model: 'tiny' }) => openJsonLines(file, settings, json => ({ n: number(json) }))

test('goes on with what was there; a line cut off by a crash is dropped', async () => {
  const first = await open()
  await first.append({ n: 1 })
  await first.append({ n: 2 })
  await first.close()
  await appendFile(file, '{"n":3')
  const second = await open()
  expect(second.found).toEqual([{ n: 1 }, { n: 2 }])
  await second.append({ n: 4 })
  await second.close()
  expect((await readFile(file, 'utf8')).split('\n')).toEqual([
    '{"settings":{"model":"tiny"}}',
    '{"n":1}',
    '{"n":2}',
    '{"n":4}',
    '',
  ])
  expect(await readJsonLines(file, number)).toEqual({ settings: { model: 'tiny' }, records: [1, 2, 4] })
})

test('long lines that are added at once do not run into each other', async () => {
  const lines = await open()
  const long = (n: number) => ({ n, text: String(n).repeat(2e6) })
  await Promise.all([1, 2, 3, 4].map(n => lines.append(long(n))))
  await lines.close()
  expect((await readJsonLines(file, number)).records).toEqual([1, 2, 3, 4])
})

test('refuses results of other settings and says which', async () => {
  await (await open({ model: 'tiny', beams: 3 })).close()
  await expect(open({ model: 'tiny', beams: 1 })).rejects.toThrow('beams was 3, is 1')
})

test('two processes do not write to one file', async () => {
  const first = await open()
  await expect(open()).rejects.toThrow(InvalidArgumentError)
  await first.close()
  await (await open()).close()
})

test('names the line that is wrong, and leaves the file as it was', async () => {
  await writeFile(file, '{"settings":{"model":"tiny"}}\n{"n":"x"}\n')
  await expect(open()).rejects.toThrow(`${file}: line 2: n is no number`)
  await writeFile(file, '{"n":1}\n')
  await expect(open()).rejects.toThrow(FileFormatError)
  expect(await readFile(file, 'utf8')).toBe('{"n":1}\n')
})
