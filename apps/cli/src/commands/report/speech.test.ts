import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tinyFolder } from '@viscpm/chat/node'
import { machineMemory, quantizeCheckpoint } from '@viscpm/core/node'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { Speaker } from './speaker.js'
import { measureSpeech } from './speech.js'

vi.mock('@viscpm/core/node', async original => ({ ...(await original<object>()), machineMemory: vi.fn() }))

let folder: string
const int4 = () => join(folder, 'int4')
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-cli-speech-'))
  await quantizeCheckpoint(tinyFolder(), int4(), { dtype: 'int4' })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function residentBytes(where: string): Promise<number> {
  const speaker = await Speaker.open(where, {})
  await speaker.close()
  return speaker.residentBytes
}

const measure = (free: number) => {
  vi.mocked(machineMemory).mockReturnValue({ total: free, free })
  return measureSpeech(tinyFolder(), [int4()], { folders: [int4()], quick: false, questions: 4 }, {})
}

it('reads the answers of the converted model where the original does not fit into memory', async () => {
  const small = await residentBytes(int4())
  expect(await residentBytes(tinyFolder())).toBeGreaterThan(small + 2)
  const [whole] = await measure(Number.MAX_SAFE_INTEGER)
  const [card] = await measure(small + 1)
  expect(card!.logits).toMatchObject({ answersOf: 'converted', prompts: 4 })
  expect(card!.skipped).toEqual([{ part: 'answers', reason: 'memory' }])
  // Whether the answers are the same is known all the same.
  expect(card!.logits!.sameAnswers).toBe(whole!.answers!.same / 4)
  expect(whole!.skipped).toEqual([])
})

it('says so where none of them fits', async () => {
  const [card] = await measure(0)
  expect(Object.keys(card!)).toEqual(['skipped'])
  expect(card!.skipped.map(({ part, reason }) => `${part}: ${reason}`)).toEqual([
    'layers: memory',
    'logits: memory',
    'answers: memory',
  ])
})
