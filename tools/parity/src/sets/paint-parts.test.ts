import { existsSync } from 'node:fs'
import { chmod, cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Tensor } from '@viscpm/core'
import { openAtomicSink, openCheckpoint } from '@viscpm/core/node'
import { memoryWeights, writeSafetensors } from '@viscpm/core/weights'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runUNet } from './unet.js'
import { runVae } from './vae.js'

/** In the repository, or beside it where the whole set is kept. */
const places = ['../../goldens', '../../../../../shared/goldens']

function recordedSet(set: string): string | undefined {
  const found = places
    .map(place => fileURLToPath(new URL(`${place}/${set}`, import.meta.url)))
    .find(folder => existsSync(folder))
  if (found === undefined) console.warn(`SKIPPED: the recorded cases of ${set} are not at hand`)
  return found
}

/** Writes the recorded cases again with one value changed by `by`. */
async function change(folder: string, key: string, by: number): Promise<void> {
  const file = join(folder, 'cases.safetensors')
  const recorded = await openCheckpoint(file)
  const tensors = new Map<string, Tensor>()
  for (const key of recorded.keys()) tensors.set(key, await recorded.read(key))
  await recorded.close()
  const data = tensors.get(key)!.data as Float32Array
  data[5] = data[5]! + by
  await writeSafetensors(await openAtomicSink(file), memoryWeights(tensors))
}

describe.each([
  ['unet', runUNet],
  ['vae', runVae],
] as const)('%s', (set, run) => {
  const source = recordedSet(set)
  let goldens: string
  beforeAll(async () => {
    goldens = await mkdtemp(join(tmpdir(), `viscpm-${set}-`))
    if (!source) return
    await cp(source, join(goldens, set), { recursive: true })
    // The kept set may be read-only, folders too.
    await chmod(join(goldens, set), 0o755)
  })
  afterAll(() => rm(goldens, { recursive: true, force: true }))

  it.skipIf(!source)('equals the original in every case', async () => {
    let cases = 0
    for (const { set, cases: n, passed, failures } of await run(goldens)) {
      expect(failures, set).toEqual([])
      expect(passed).toBe(n)
      cases += n
    }
    expect(cases).toBeGreaterThan(9)
  })

  it.skipIf(!source)('names what differs', async () => {
    const [key, by, line] =
      set === 'unet'
        ? (['8x8_b1/inter/mid_block', 1e-3, /^8x8_b1: mid_block off by 0\.00\d+ \(limit 0\.0001\)$/] as const)
        : (['dec_8x8_b1/decoded', 1e-3, /^dec_8x8_b1 decode: decoded off by 0\.00\d+ \(limit 0\.00005\)$/] as const)
    await change(join(goldens, set), key, by)
    const results = await run(goldens)
    const failures = results.flatMap(result => result.failures)
    const files = results.filter(result => result.set.startsWith('vae/model') && !result.set.endsWith('bytes'))
    expect(failures.length).toBe(set === 'unet' ? 1 : files.length)
    for (const failure of failures) expect(failure).toMatch(line)
  })
})
