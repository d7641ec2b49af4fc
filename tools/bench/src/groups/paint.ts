import { join } from 'node:path'
import { createHost, openAtomicSink } from '@viscpm/core/node'
import { TorchGenerator } from '@viscpm/core/random'
import { SafetensorsWriter } from '@viscpm/core/weights'
import type { BenchOptions } from '../options.js'
import { both, endSides, type Sides, startSides } from '../peers.js'
import type { PaintRequest, Reply, Timing } from '../protocol.js'
import { writeRandomModel } from '../random-model.js'
import { Measurement } from '../result.js'
import { median } from '../statistics.js'
import { checkClose } from './close.js'
import { largestGap } from './event-loop.js'
import { contextWidth, type PaintGroup, paintConfigs, scheduler } from './paint-sizes.js'

/** Upstream's default: the best of four, all painted at once, each with and without the prompt. */
const candidates = 4
/** 512 x 512 pixels. */
const latentSide = 64
/** Rows of a padded prompt. */
const tokens = 64
const every = 97
const tolerance = 1e-3
const picture: PaintRequest = { candidates, steps: 5, guidanceScale: 7.5, scheduler, every }

/** The noise and the two contexts, read by both sides. */
export async function writeInputs(folder: string, width: number): Promise<void> {
  const generator = new TorchGenerator(7)
  const shapes = {
    latents: [candidates, 4, latentSide, latentSide],
    context: [1, tokens, width],
    negative: [1, tokens, width],
  }
  const specs = Object.entries(shapes).map(([key, shape]) => ({ key, dtype: 'float32' as const, shape }))
  const writer = new SafetensorsWriter(await openAtomicSink(join(folder, 'inputs.safetensors')), specs)
  const drawn = Object.fromEntries(specs.map(({ key, shape }) => [key, generator.randn(shape).data]))
  for (const key of writer.keys) await writer.write(key, drawn[key]!)
  await writer.finish()
}

/** Load, UNet steps, VAE, whole pictures and peak memory of a random painter of `group`'s size. */
export async function measurePaint(
  group: PaintGroup,
  folder: string,
  { runs, threads }: BenchOptions,
  python: string | undefined,
  log: (text: string) => void,
): Promise<Measurement[]> {
  const config = paintConfigs[group]
  const model = join(folder, group)
  log(`${group}: ${((await writeRandomModel(model, config, 4)) / 1e6).toFixed(1)} M weights, float32`)
  await writeInputs(model, contextWidth(config))
  const made = (name: string, unit: 'ms' | 'MB', goal?: number) => new Measurement(group, name, unit, goal)
  const load = made('load', 'ms')
  const memory = made('peak memory of the process', 'MB', 1)
  const above = made('peak memory above that of the process before loading', 'MB')
  const steps = [
    { rows: 2, to: made('UNet step, one candidate (2 rows)', 'ms', 1.3) },
    { rows: 2 * candidates, to: made(`UNet step, ${candidates} candidates (${2 * candidates} rows)`, 'ms', 1.3) },
  ]
  const decode = made('VAE decode, 512 x 512', 'ms')
  const whole = made(`${candidates} pictures, ${picture.steps} steps`, 'ms')
  // A first run of each shape allocates; large models are run once more only, since that takes minutes.
  const repeats = group === 'paint-full' ? 1 : 3
  for (let run = 0; run < runs; run++) {
    const oursFirst = run % 2 === 0
    const { sides } = await startSides(threads, python)
    const before = await both(sides, true, 'preparePainter', {})
    const loaded = await both(sides, oursFirst, 'load', { folder: model, threads })
    load.add(loaded.ours, loaded.torch)
    for (const { rows, to } of steps) {
      const { ours, torch } = await inTurns(sides, oursFirst, 'predict', { rows, timestep: 500, every }, repeats)
      to.add(ours, torch)
    }
    if (config.vae) {
      const { ours, torch } = await inTurns(sides, oursFirst, 'decodeLatents', { every }, repeats)
      decode.add(ours, torch)
      const painted = await both(sides, oursFirst, 'paint', picture)
      if (painted.torch) {
        checkClose('last latents', painted.ours.sample, painted.torch.sample, tolerance)
        checkClose('pictures', painted.ours.bytes, painted.torch.bytes, 2 / 255)
      }
      whole.add(painted.ours, painted.torch)
    }
    const peak = await both(sides, true, 'memory', {})
    memory.add({ ms: peak.ours.peakMb }, peak.torch && { ms: peak.torch.peakMb })
    above.add(
      { ms: peak.ours.peakMb - before.ours.peakMb },
      peak.torch && { ms: peak.torch.peakMb - before.torch!.peakMb },
    )
    await endSides(sides)
    log(`${group}: run ${run + 1} of ${runs}`)
  }
  const rows = [load, ...steps.map(s => s.to)]
  if (config.vae) rows.push(decode, whole)
  rows.push(memory, above)
  return config.vae ? [...rows, ...(await measureGap(model, runs, threads))] : rows
}

/** Median times, and what the first run gave. */
interface Turns {
  readonly first: { readonly ours: Reply<'predict'>; readonly torch: Reply<'predict'> | undefined }
  readonly ours: Timing
  readonly torch: Timing | undefined
}

/**
 * Once to warm up and to compare the results (`close`: how near they must be); then `repeats` times in turns.
 */
export async function inTurns<K extends 'predict' | 'decodeLatents'>(
  sides: Sides,
  oursFirst: boolean,
  command: K,
  request: Parameters<typeof both<K>>[3],
  repeats: number,
  close: number = tolerance,
): Promise<Turns> {
  const first: Turns['first'] = await both(sides, oursFirst, command, request)
  if (first.torch) checkClose(command, first.ours.sample, first.torch.sample, close)
  const timings: { ours: Timing; torch: Timing | undefined }[] = []
  for (let i = 0; i < repeats; i++) timings.push(await both(sides, oursFirst === (i % 2 === 0), command, request))
  return { first, ours: middle(timings.map(t => t.ours)), torch: first.torch && middle(timings.map(t => t.torch!)) }
}

function middle(timings: readonly Timing[]): Timing {
  return { ms: median(timings.map(t => t.ms)), cpuMs: median(timings.map(t => t.cpuMs)) }
}

/** Largest gap of the caller's event loop while one picture is painted in a worker. */
async function measureGap(model: string, runs: number, threads: number): Promise<Measurement[]> {
  const wall = new Measurement('event-loop', 'largest gap while painting in a worker', 'ms', 20)
  const own = new Measurement('event-loop', 'the same, without waiting for a core', 'ms', 20)
  const host = await createHost({ module: new URL('../ours/hosted.js', import.meta.url), export: 'hostedSide' })
  try {
    const ask = (command: string, request: object) => host.call('ask', [{ command, ...request }])
    await ask('load', { folder: model, threads })
    for (let run = 0; run < runs; run++) {
      const gap = await largestGap(ask('paint', { ...picture, candidates: 1, steps: 3 }))
      wall.add({ ms: gap.wall })
      own.add({ ms: gap.own })
    }
  } finally {
    await host.dispose()
  }
  return [wall, own]
}
