import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FullReports, fullGroups, groups } from './groups/index.js'
import { describeMachine, type Machine } from './machine.js'
import { type BenchOptions, isFull } from './options.js'
import { probeTorch, startOurs } from './peers.js'
import type { Measurement, Summary } from './result.js'

export interface Report extends FullReports {
  readonly date: string
  readonly machine: Machine
  readonly ours: string
  /** PyTorch's version and matrix library, or why it was not measured. */
  readonly pytorch: string
  readonly threads: number
  /** Where our side computed. */
  readonly device: string
  readonly results: readonly Summary[]
  /** Groups that could not be measured, and why. */
  readonly failures: readonly string[]
}

/** What there is to compare with: a Python that has torch, and one that has diffusers too. */
interface Peers {
  readonly text: string
  readonly torch?: string
  readonly diffusers?: string
}

async function pytorchOf({ torch, python, threads }: BenchOptions): Promise<Peers> {
  if (!torch) return { text: 'not asked for' }
  const found = await probeTorch(python, threads)
  if ('missing' in found) return { text: `not found, so nothing to compare with (${found.missing}); pip install torch` }
  const text = `${found.version} (${found.blas})`
  if (found.diffusers === undefined)
    return {
      text: `${text}; no diffusers, so painting has nothing to compare with; pip install diffusers`,
      torch: python,
    }
  return { text: `${text}; diffusers ${found.diffusers}`, torch: python, diffusers: python }
}

/** Runs what was asked for, one thing after another. */
export async function runBench(options: BenchOptions, log: (text: string) => void): Promise<Report> {
  const machine = await describeMachine(options.threads)
  const pytorch = await pytorchOf(options)
  log(`PyTorch: ${pytorch.text}`)
  const probe = startOurs()
  const { version: ours } = await probe.ask('info', { threads: options.threads })
  await probe.end()
  const folder = await mkdtemp(join(tmpdir(), 'viscpm-bench-'))
  const results: Measurement[] = []
  let full: FullReports = {}
  const failures: string[] = []
  try {
    for (const name of options.only) {
      log(`${name} ...`)
      const context = { folder, options, torch: pytorch.torch, diffusers: pytorch.diffusers, log }
      try {
        if (isFull(name)) full = { ...full, ...(await fullGroups[name](context)) }
        else results.push(...(await groups[name](context)))
      } catch (error) {
        // What was measured before, perhaps for half an hour, is not lost.
        if (options.only.length === 1) throw error
        failures.push(`${name}: ${(error as Error).message}`)
        log(failures.at(-1)!)
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    machine,
    ours,
    pytorch: pytorch.text,
    threads: options.threads,
    device: options.device ?? process.env.VISCPM_DEVICE ?? 'cpu',
    results: results.map(measurement => measurement.summary()),
    ...full,
    failures,
  }
}
