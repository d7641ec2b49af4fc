import { mkdir, stat, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { presets } from '@viscpm/paint'
import type { BenchOptions } from '../options.js'
import { endSides, startSides } from '../peers.js'
import type { Request, Timing } from '../protocol.js'
import { writeRandomModel } from '../random-model.js'
import { Measurement } from '../result.js'
import { writeInputs } from './paint.js'
import { contextWidth, paintConfigs, scheduler } from './paint-sizes.js'

/** Upstream's. */
const plainSteps = 50
const every = 9973

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
  await writeInputs(model, contextWidth('fast'))
  const made = (name: string, unit: 'ms' | 'MB' | 'x', goal?: number) => new Measurement('fast', name, unit, goal)
  const { steps, guidanceInterval, deepCache, tokenMerging } = presets.fast
  const branch = deepCache.branch ?? 0
  const shares = [0, 0.5]
  const kinds = shares.flatMap(share =>
    [true, false].flatMap(guided =>
      (['whole', 'shallow'] as const).map(part => {
        const request: Request<'evaluate'> = { part, guided, branch, tokenMerging: share }
        const rows = guided ? 'guided (2 rows)' : 'prompt alone (1 row)'
        return { request, to: made(`UNet ${part}, ${rows}${share > 0 ? ', half of the pixels merged' : ''}`, 'ms') }
      }),
    ),
  )
  const decode = made('VAE decode, 512 x 512', 'ms')
  const plain = made(`${plainSteps} guided steps and VAE, from those above`, 'ms')
  const fast = made('preset fast: one picture, painted', 'ms')
  const gain = made('the one / the other', 'x', 8)
  const memory = made('peak memory of the process', 'MB')
  const value = ({ ms, cpuMs }: Timing) => ({ ms, cpuMs })
  for (let run = 0; run < runs; run++) {
    const { sides } = await startSides(threads, undefined)
    const { ours } = sides
    await ours.ask('load', { folder: model, threads })
    const took: Timing[] = []
    for (const { request, to } of kinds) {
      // The first of a shape allocates, and the first shallow one makes its session.
      if (request.part === 'shallow' || took.length === 0) await ours.ask('evaluate', request)
      took.push(await ours.ask('evaluate', request))
      to.add(value(took.at(-1)!))
    }
    const decoded = await ours.ask('decodeLatents', { every })
    decode.add(value(decoded))
    const saver = { guidanceInterval, deepCache, tokenMerging }
    const painted = await ours.ask('paint', { candidates: 1, steps, guidanceScale: 7.5, scheduler, every, saver })
    fast.add(value(painted))
    const whole = took[0]!
    plain.add({ ms: plainSteps * whole.ms + decoded.ms, cpuMs: plainSteps * whole.cpuMs + decoded.cpuMs })
    gain.add({ ms: plain.ours.at(-1)! / painted.ms, cpuMs: plain.oursCpu.at(-1)! / painted.cpuMs })
    memory.add({ ms: (await ours.ask('memory', {})).peakMb })
    await endSides(sides)
    log(`fast: run ${run + 1} of ${runs}`)
  }
  return [...kinds.map(({ to }) => to), decode, plain, fast, gain, memory]
}

/** The model of another folder, without writing into that. @throws where a file is missing */
async function linkModel(from: string, to: string): Promise<void> {
  await mkdir(to)
  for (const name of ['config.json', 'model.safetensors']) {
    await stat(join(from, name))
    await symlink(join(from, name), join(to, name))
  }
}
