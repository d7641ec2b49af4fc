import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Tensor } from '@viscpm/core'
import { openAtomicSink, openCheckpoint } from '@viscpm/core/node'
import { memoryWeights, writeSafetensors } from '@viscpm/core/weights'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runQformer } from './qformer.js'

const recordedCases = fileURLToPath(new URL('../../goldens', import.meta.url))
let goldens: string

beforeAll(async () => {
  goldens = await mkdtemp(join(tmpdir(), 'viscpm-qformer-'))
  for (const part of ['qformer/qformer-b.safetensors', 'checkpoints/qformer-b'])
    await cp(join(recordedCases, part), join(goldens, part), { recursive: true })
})

afterAll(() => rm(goldens, { recursive: true, force: true }))

it('names what differs', async () => {
  const file = join(goldens, 'qformer/qformer-b.safetensors')
  const recorded = await openCheckpoint(file)
  const tensors = new Map<string, Tensor>()
  for (const key of recorded.keys()) tensors.set(key, await recorded.read(key))
  await recorded.close()
  const changed = tensors.get('b2.layer_1.ffn_out')!.data as Float32Array
  changed[5] = changed[5]! + 1e-3
  await writeSafetensors(await openAtomicSink(file), memoryWeights(tensors))
  for (const { cases, passed, failures } of await runQformer(goldens)) {
    expect(cases - passed).toBe(1)
    expect(failures).toEqual([expect.stringMatching(/^b2: layer_1\.ffn_out off by 0\.00\d+ \(limit 0\.0001\)$/)])
  }
})
