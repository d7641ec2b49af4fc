import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureEventLoop } from './groups/event-loop.js'
import { measureLanguage } from './groups/language.js'
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

async function pytorchOf({ torch, threads }: BenchOptions): Promise<{ text: string; there: boolean }> {
  if (!torch) return { text: 'not asked for', there: false }
  const found = await probeTorch(threads)
  if ('missing' in found)
    return { text: `not found, so nothing to compare with (${found.missing}); pip install torch`, there: false }
  return { text: `${found.version} (${found.blas})`, there: true }
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
        results.push(...(await measureLanguage(name, folder, options, pytorch.there, log)))
      else if (name === 'vision') results.push(...(await measureVision(folder, options, pytorch.there, log)))
      else if (name === 'tokenizer') results.push(...(await measureTokenizer(options)))
      else if (name === 'chat') results.push(...(await measureChat(options)))
      else results.push(...(await measureEventLoop(folder, options)))
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
