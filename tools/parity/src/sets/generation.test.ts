import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runGeneration } from './generation.js'

const packages = fileURLToPath(new URL('../../../../packages', import.meta.url))
let goldens: string

// The recorded cases and the model they were made with are fixtures of different packages: put together here.
beforeAll(async () => {
  goldens = await mkdtemp(join(tmpdir(), 'viscpm-generation-'))
  const chat = join(packages, 'chat/src/fixtures')
  const checkpoint = join(goldens, 'checkpoints/chat-tiny')
  await cp(join(packages, 'cpm-bee/src/fixtures/generation'), join(goldens, 'generation'), { recursive: true })
  await cp(join(chat, 'chat-tiny.fp16.bin'), join(checkpoint, 'chat-tiny.fp16.bin'))
  await cp(join(chat, 'config.json'), join(checkpoint, 'config.json'))
  await cp(join(chat, 'bee.txt'), join(goldens, 'tokenizer/tiny-vocab/bee.txt'))
})

afterAll(() => rm(goldens, { recursive: true, force: true }))

it('gives the recorded tokens, scores and steps in every case', async () => {
  const results = await runGeneration(goldens)
  expect(results.map(({ set, cases }) => `${set} ${cases}`)).toEqual([
    'generation/repetition-penalty 14',
    'generation/top-k-top-p 14',
    'generation/beam-hypotheses 12',
    'generation/generate/chat-tiny.fp16.bin 34',
    'generation/chat/chat-tiny.fp16.bin 4',
    'generation/text-decode/chat-tiny.fp16.bin 5',
  ])
  for (const { set, failures, worst } of results) {
    expect(failures, set).toEqual([])
    expect(worst, set).toBeLessThan(3e-4)
  }
})
