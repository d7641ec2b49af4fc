import { mkdir, stat, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { presets } from '@viscpm/paint'
import type { BenchOptions } from '../options.js'
import { startOurs } from '../peers.js'
import type { Request, Timing } from '../protocol.js'
import { writeRandomModel } from '../random-model.js'
import { Measurement } from '../result.js'
import { writeInputs } from './paint.js'
import { contextWidth, paintConfigs, scheduler } from './paint-sizes.js'

/** Upstream's. */
export const plainSteps = 50
const every = 9973
const { steps, guidanceInterval, deepCache, tokenMerging } = presets.fast
const branch = deepCache.branch ?? 0

/** One whole evaluation with and without guidance, and the shallow part of each, without and with merged pixels. */
const kinds: readonly { readonly name: string; readonly request: Request<'evaluate'> }[] = [0, 0.5].flatMap(share =>
  [true, false].flatMap(guided =>
    (['whole', 'shallow'] as const).map(part => ({
      name: `UNet ${part}, ${guided ? 'guided (2 rows)' : 'prompt alone (1 row)'}${share > 0 ? ', half of the pixels merged' : ''}`,
      request: { part, guided, branch, tokenMerging: share },
    })),
  ),
)

/** What one process measured. */
export interface FastRun {
  /** As `kinds`; the first only, where not all were asked for. */
  readonly evaluations: readonly Timing[]
  readonly decode: Timing
  /** `plainSteps` guided evaluations and a decoding, from those above. */
  readonly plain: Timing
  /** A picture of the preset, painted. */
  readonly fast: Timing
  readonly peakMb: number
}

/** Paints one picture with the preset, and times what another way consists of, in a new process. */
export async function runFast(folder: string, threads: number, all: boolean): Promise<FastRun> {
  const ours = startOurs()
  try {
    await ours.ask('info', { threads })
    await ours.ask('load', { folder, threads })
    const evaluations: Timing[] = []
    for (const { request } of all ? kinds : kinds.slice(0, 1)) {
      // The first of a shape allocates, and the first shallow one makes its session.
      if (request.part === 'shallow' || evaluations.length === 0) await ours.ask('evaluate', request)
      evaluations.push(timing(await ours.ask('evaluate', request)))
    }
    const decode = timing(await ours.ask('decodeLatents', { every }))
    const saver = { guidanceInterval, deepCache, tokenMerging }
    const fast = await ours.ask('paint', { candidates: 1, steps, guidanceScale: 7.5, scheduler, every, saver })
    const sum = (of: 'ms' | 'cpuMs') => plainSteps * evaluations[0]![of] + decode[of]
    const { peakMb } = await ours.ask('memory', {})
    return { evaluations, decode, plain: { ms: sum('ms'), cpuMs: sum('cpuMs') }, fast: timing(fast), peakMb }
  } finally {
    await ours.end()
  }
}

const timing = ({ ms, cpuMs }: Timing): Timing => ({ ms, cpuMs })

/**
 * One 512 x 512 picture at Stable Diffusion's size, without the text encoder: the preset `fast` really painted, against 50
 * guided steps, of which one is measured in the same process.
 */
export async function measureFast(
  folder: string,
  { runs, threads, unet }: BenchOptions,
  log: (text: string) => void,
): Promise<Measurement[]> {
  const model = join(folder, 'fast')
  if (unet === undefined)
    log(`fast: ${((await writeRandomModel(model, paintConfigs.fast, 4)) / 1e6).toFixed(0)} M weights`)
  else await linkModel(resolve(unet), model)
  await writeInputs(model, contextWidth(paintConfigs.fast))
  const made = (name: string, unit: 'ms' | 'MB' | 'x', goal?: number) => new Measurement('fast', name, unit, goal)
  const evaluations = kinds.map(({ name }) => made(name, 'ms'))
  const decode = made('VAE decode, 512 x 512', 'ms')
  const plain = made(`${plainSteps} guided steps and VAE, from those above`, 'ms')
  const fast = made('preset fast: one picture, painted', 'ms')
  const gain = made('the one / the other', 'x', 8)
  const memory = made('peak memory of the process', 'MB')
  for (let run = 0; run < runs; run++) {
    const found = await runFast(model, threads, true)
    for (const [i, row] of evaluations.entries()) row.add(found.evaluations[i])
    decode.add(found.decode)
    plain.add(found.plain)
    fast.add(found.fast)
    gain.add({ ms: found.plain.ms / found.fast.ms, cpuMs: found.plain.cpuMs / found.fast.cpuMs })
    memory.add({ ms: found.peakMb })
    log(`fast: run ${run + 1} of ${runs}`)
  }
  return [...evaluations, decode, plain, fast, gain, memory]
}

/** The model of another folder, without writing into that. @throws where a file is missing */
async function linkModel(from: string, to: string): Promise<void> {
  await mkdir(to)
  for (const name of ['config.json', 'model.safetensors']) {
    await stat(join(from, name))
    await symlink(join(from, name), join(to, name))
  }
}
