import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureEventLoop } from './groups/event-loop.js'
import { measureFast } from './groups/fast.js'
import { measureLanguage } from './groups/language.js'
import { measurePaint } from './groups/paint.js'
import { measureVision } from './groups/vision.js'
import { measureChat, measureTokenizer } from './groups/whole.js'
import { describeMachine, type Machine } from './machine.js'
import type { BenchOptions } from './options.js'
import { probeTorch, startOurs } from './peers.js'
import type { Measurement, Summary } from './result.js'

export interface Report {
  readonly date: string
  readonly machine: Machine
  readonly ours: string
  /** PyTorch's version and matrix library, or why it was not measured. */
  readonly pytorch: string
  readonly threads: number
  readonly results: readonly Summary[]
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
  try {
    for (const name of options.only) {
      log(`${name} ...`)
      if (name === 'language-tiny' || name === 'language-mid')
        results.push(...(await measureLanguage(name, folder, options, pytorch.torch, log)))
      else if (name === 'vision') results.push(...(await measureVision(folder, options, pytorch.torch, log)))
      else if (name === 'tokenizer') results.push(...(await measureTokenizer(options)))
      else if (name === 'chat') results.push(...(await measureChat(options)))
      else if (name === 'event-loop') results.push(...(await measureEventLoop(folder, options)))
      else if (name === 'fast') results.push(...(await measureFast(folder, options, log)))
      else results.push(...(await measurePaint(name, folder, options, pytorch.diffusers, log)))
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
    results: results.map(measurement => measurement.summary()),
  }
}
