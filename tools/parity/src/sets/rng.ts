import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tensor } from '@viscpm/core'
import { openCheckpoint } from '@viscpm/core/node'
import { TorchGenerator } from '@viscpm/core/random'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { maxDifference } from './tensors.js'

interface Draw {
  readonly op: 'rand' | 'randn' | 'randint'
  readonly shape: readonly number[]
  readonly dtype?: 'float32' | 'float64'
  readonly low?: number
  readonly high?: number
}

interface Entry {
  readonly name: string
  readonly seed: string
  readonly ops: readonly Draw[]
  /** Entries of one seed and program continue one generator, in the order of the file. */
  readonly program?: string
}

const tolerances = { 'rng/exact': 0, 'rng/randn float64': 1e-12, 'rng/randn float32': 4e-6 } as const

function draw(generator: TorchGenerator, { op, shape, dtype = 'float32', low = 0, high = 0 }: Draw): Tensor {
  if (op === 'randint') return generator.randint(low, high, shape)
  return generator[op](shape, dtype)
}

/** torch's CPU generator: every recorded tensor under `rng/`. */
export async function runRng(goldens: string): Promise<SetResult[]> {
  const folder = join(goldens, 'rng')
  const { entries }: { entries: Entry[] } = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8'))
  const expected = await openCheckpoint(join(folder, 'rng.safetensors'))
  const tallies = new Map(
    Object.entries(tolerances).map(([set, limit]) => [set, { limit, tally: new Tally(set, limit) }]),
  )
  const programs = new Map<string, TorchGenerator>()
  for (const { name, seed, ops, program } of entries) {
    const key = `${seed} ${program}`
    const generator = (program && programs.get(key)) || new TorchGenerator(BigInt(seed))
    if (program) programs.set(key, generator)
    const last = ops.at(-1)!
    const { limit, tally } = tallies.get(last.op === 'randn' ? `rng/randn ${last.dtype}` : 'rng/exact')!
    let ours: Tensor | undefined
    for (const op of ops) ours = draw(generator, op)
    const theirs = await expected.read(name)
    if (ours?.dtype !== theirs.dtype || String(ours.shape) !== String(theirs.shape))
      tally.check(name, `is ${ours?.dtype}[${ours?.shape}], not ${theirs.dtype}[${theirs.shape}]`)
    else tally.add(name, { values: [maxDifference(ours.data, theirs.data), limit] })
  }
  await expected.close()
  return [...tallies.values()].map(({ tally }) => tally.result())
}
