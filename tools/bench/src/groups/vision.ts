import { join } from 'node:path'
import type { BenchOptions } from '../options.js'
import { both, endSides, startSides } from '../peers.js'
import { seeded } from '../prompt.js'
import { writeRandomModel } from '../random-model.js'
import { Measurement } from '../result.js'
import { median } from '../statistics.js'

/** BEiT-3 of base width with few layers: 197 picture tokens and 64 queries, as published. */
const config = {
  beit3: { dim: 768, layers: 4, heads: 12, img_size: 224, patch: 16 },
  query_num: 64,
  cpm_bee: { dim_model: 1024 },
}
const tolerance = 1e-3
const repeats = 3

/** Load and encoding of one picture by a random vision tower. */
export async function measureVision(
  folder: string,
  { runs, threads }: BenchOptions,
  python: string | undefined,
  log: (text: string) => void,
): Promise<Measurement[]> {
  const model = join(folder, 'vision')
  log(`vision: ${((await writeRandomModel(model, config, 2)) / 1e6).toFixed(1)} M weights, float32`)
  const next = seeded(3)
  const pixels = Array.from({ length: 3 * config.beit3.img_size ** 2 }, () => (next() / 2 ** 32) * 2 - 1)
  const load = new Measurement('vision', 'load', 'ms')
  const encode = new Measurement('vision', 'encode one picture, 224 x 224', 'ms', 1)
  for (let run = 0; run < runs; run++) {
    const oursFirst = run % 2 === 0
    const { sides } = await startSides(threads, python)
    const loaded = await both(sides, oursFirst, 'load', { folder: model, threads })
    load.add(loaded.ours, loaded.torch)
    const timings = []
    for (let i = 0; i <= repeats; i++) {
      const encoded = await both(sides, oursFirst === (i % 2 === 0), 'encode', { pixels, every: 97 })
      if (i === 0) checkSame(encoded.ours.sample, encoded.torch?.sample)
      else timings.push(encoded)
    }
    encode.add(
      { ms: median(timings.map(t => t.ours.ms)), cpuMs: median(timings.map(t => t.ours.cpuMs)) },
      python !== undefined
        ? { ms: median(timings.map(t => t.torch!.ms)), cpuMs: median(timings.map(t => t.torch!.cpuMs)) }
        : undefined,
    )
    await endSides(sides)
    log(`vision: run ${run + 1} of ${runs}`)
  }
  return [load, encode]
}

/** @throws Error when the two towers are not the same model */
function checkSame(ours: readonly number[], theirs: readonly number[] | undefined): void {
  if (!theirs) return
  const worst = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0)
  if (ours.length !== theirs.length || !(worst <= tolerance))
    throw new Error(`the two sides are different towers: states differ by ${worst}`)
}
