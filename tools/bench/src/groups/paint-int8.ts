import { join } from 'node:path'
import type { BenchOptions } from '../options.js'
import { startOurs } from '../peers.js'
import { type ModelConfig, writeRandomModel } from '../random-model.js'
import { Measurement } from '../result.js'
import { writeInputs } from './paint.js'
import { contextWidth, paintConfigs } from './paint-sizes.js'
import { runSteps } from './paint-steps.js'

/** What int8 is compared with: PyTorch's own low precision, and what the weights were. */
const peers = [
  { dtype: 'bfloat16', goal: 1.4 },
  { dtype: undefined, goal: undefined },
] as const

const sides = [32, 64]

/** Folders of the same weights. */
export interface Prepared {
  readonly plain: string
  readonly int8: string
  /** With an int8 VAE decoder too, where there is a VAE. */
  readonly int8Vae: string | undefined
}

/**
 * The full-size UNet with int8 convolutions and linear layers against PyTorch in bfloat16 and float32. Weights are random: how
 * far the results are apart is only logged, and says nothing about pictures.
 */
export async function measurePaintInt8(
  folder: string,
  { runs, threads }: BenchOptions,
  python: string | undefined,
  log: (text: string) => void,
): Promise<Measurement[]> {
  const { plain, int8 } = await prepareInt8(folder, paintConfigs['paint-full'], threads, log)
  const rows: Measurement[] = []
  for (const { dtype, goal } of peers) {
    const made = (name: string, unit: 'ms' | 'MB', ratio?: number) => {
      const row = new Measurement('paint-int8', `${name} (PyTorch: ${dtype ?? 'float32'})`, unit, ratio)
      rows.push(row)
      return row
    }
    const load = made('load', 'ms')
    const steps = sides.map(side => made(`UNet step, ${side} x ${side} latents, 2 rows`, 'ms', goal))
    const memory = made('peak memory of the process', 'MB')
    for (let run = 0; run < runs; run++) {
      const subject = { ours: int8, theirs: plain, dtype, sides, exact: false, decode: false, repeats: 2 }
      const found = await runSteps(subject, run % 2 === 0, threads, python)
      load.add({ ms: found.load.ours.ms }, found.load.torch && { ms: found.load.torch.ms })
      memory.add({ ms: found.memory.ours.ms }, found.memory.torch && { ms: found.memory.torch.ms })
      for (const [i, { ours, torch, apart }] of found.steps.entries()) {
        steps[i]!.add(ours, torch)
        const percent = apart === undefined ? '?' : (100 * apart).toFixed(1)
        log(`paint-int8: ${sides[i]}: ${percent} % of the largest value from ${dtype ?? 'float32'}`)
      }
    }
  }
  return rows
}

/** Random weights in `folder`, in float32 and, with a calibrated UNet, in int8. */
export async function prepareInt8(
  folder: string,
  config: ModelConfig,
  threads: number,
  log: (text: string) => void,
): Promise<Prepared> {
  const [plain, int8] = [join(folder, 'plain'), join(folder, 'int8')]
  const int8Vae = config.vae === undefined ? undefined : join(folder, 'int8-vae')
  log(`paint: ${((await writeRandomModel(plain, config, 4)) / 1e6).toFixed(1)} M weights, float32`)
  await writeInputs(plain, contextWidth(config))
  const quantizing = startOurs()
  const { ms, layers } = await quantizing.ask('quantizePainter', {
    folder: plain,
    to: int8,
    ...(int8Vae !== undefined && { toWithVae: int8Vae }),
    threads,
  })
  await quantizing.end()
  log(`paint: ${layers} layers of the UNet calibrated and written as int8 in ${(ms / 1000).toFixed(1)} s`)
  return { plain, int8, int8Vae }
}
