import { join } from 'node:path'
import type { BenchOptions } from '../options.js'
import { both, endSides, type Sides, startSides } from '../peers.js'
import { makePrompt, type Prompt } from '../prompt.js'
import type { Timing } from '../protocol.js'
import { type ModelConfig, writeRandomModel } from '../random-model.js'
import { Measurement } from '../result.js'
import { median } from '../statistics.js'

interface LanguageSizes {
  readonly vocab_size: number
  readonly dim_model: number
  readonly dim_ff: number
  readonly num_layers: number
  readonly num_heads: number
  readonly dim_head: number
}

export const common = {
  position_bias_num_buckets: 256,
  position_bias_num_segment_buckets: 256,
  position_bias_max_distance: 2048,
  eps: 1e-6,
  half: false,
}

/** About the embedded model's size, and one whose weights no cache holds. */
export const languageSizes: Readonly<Record<'language-tiny' | 'language-mid', LanguageSizes>> = {
  'language-tiny': { vocab_size: 1500, dim_model: 192, dim_ff: 512, num_layers: 4, num_heads: 6, dim_head: 32 },
  'language-mid': { vocab_size: 8192, dim_model: 1024, dim_ff: 2560, num_layers: 12, num_heads: 16, dim_head: 64 },
}

export function languageConfig(group: keyof typeof languageSizes): ModelConfig {
  return { cpm_bee: { ...languageSizes[group], ...common } }
}

const tolerance = 1e-3
/** Steps until caches, arenas and beams are as they stay. */
const warmUpSteps = 4
const measuredSteps = 10

/** Both must be the same model, or timing them means nothing. @throws Error when their logits differ */
async function checkSame(sides: Sides, prompt: Prompt): Promise<number | undefined> {
  const { ours, torch } = await both(sides, true, 'logits', { prompt, ids: [prompt.bosId, 77, 500, 901] })
  if (!torch) return undefined
  let worst = 0
  ours.steps.forEach((step, s) => {
    step.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - torch.steps[s]![i]!))
    })
  })
  if (!(worst <= tolerance)) throw new Error(`the two sides are different models: logits differ by ${worst}`)
  return worst
}

/** Load, prefill, decode and peak memory of a random CPM-Bee of `group`'s size. */
export async function measureLanguage(
  group: keyof typeof languageSizes,
  folder: string,
  { runs, threads }: BenchOptions,
  python: string | undefined,
  log: (text: string) => void,
): Promise<Measurement[]> {
  const { vocab_size } = languageSizes[group]
  const model = join(folder, group)
  const weights = await writeRandomModel(model, languageConfig(group), 1)
  log(`${group}: ${(weights / 1e6).toFixed(1)} M weights, float32`)
  const prompt = (length: number) => makePrompt(length, vocab_size, common.position_bias_num_segment_buckets, 5)
  const made = (name: string, unit: 'ms' | 'MB', goal?: number) => new Measurement(group, name, unit, goal)
  const load = made('load', 'ms')
  const start = made('load, start and imports of the process included', 'ms')
  const memory = made('peak memory of the process', 'MB')
  const prefills = [
    { length: 128, rows: 1, to: made('prefill of 128 tokens', 'ms', 1) },
    { length: 128, rows: 3, to: made('prefill of 128 tokens, 3 beams (PyTorch: each beam its own)', 'ms') },
    { length: 512, rows: 1, to: made('prefill of 512 tokens', 'ms', 1) },
  ]
  const decodes = [
    { beams: 3, context: 200, to: made('beam-3 step at 200 tokens', 'ms', 1.5) },
    { beams: 3, context: 600, to: made('beam-3 step at 600 tokens', 'ms', 1.5) },
    { beams: 1, context: 200, to: made('greedy step at 200 tokens', 'ms') },
  ]
  const repeats = group === 'language-tiny' ? 7 : 2
  for (let run = 0; run < runs; run++) {
    const oursFirst = run % 2 === 0
    const { sides, startMs } = await startSides(threads, python)
    const loaded = await both(sides, oursFirst, 'load', { folder: model, threads })
    load.add(loaded.ours, loaded.torch)
    start.add({ ms: startMs.ours + loaded.ours.ms }, loaded.torch && { ms: (startMs.torch ?? 0) + loaded.torch.ms })
    const apart = run === 0 ? await checkSame(sides, prompt(60)) : undefined
    if (apart !== undefined) log(`${group}: logits agree to ${apart.toExponential(1)}`)
    await both(sides, true, 'prefill', { prompt: prompt(64), rows: 1, logits: false })
    for (const { length, rows, to } of prefills) {
      const timings: { ours: Timing; torch: Timing | undefined }[] = []
      const request = { prompt: prompt(length), rows, logits: rows > 1 }
      for (let i = 0; i < repeats; i++) timings.push(await both(sides, oursFirst === (i % 2 === 0), 'prefill', request))
      to.add(middle(timings.map(t => t.ours)), middle(timings.flatMap(t => t.torch ?? [])))
    }
    for (const { beams, context, to } of decodes) {
      const steps = warmUpSteps + measuredSteps
      const request = { prompt: prompt(context - steps), beams, steps, penalty: 1.1, temperature: beams > 1 ? 0.7 : 1 }
      const timings = await both(sides, oursFirst, 'decode', request)
      const settled = ({ ms, cpuMs }: { ms: readonly number[]; cpuMs: readonly number[] }) => ({
        ms: median(ms.slice(warmUpSteps)),
        cpuMs: median(cpuMs.slice(warmUpSteps)),
      })
      to.add(settled(timings.ours), timings.torch && settled(timings.torch))
    }
    const peak = await both(sides, true, 'memory', {})
    memory.add({ ms: peak.ours.peakMb }, peak.torch && { ms: peak.torch.peakMb })
    await endSides(sides)
    log(`${group}: run ${run + 1} of ${runs}`)
  }
  return [load, start, ...prefills.map(p => p.to), ...decodes.map(d => d.to), memory]
}

function middle(timings: readonly Timing[]): Timing | undefined {
  if (timings.length === 0) return undefined
  return { ms: median(timings.map(t => t.ms)), cpuMs: median(timings.map(t => t.cpuMs)) }
}
