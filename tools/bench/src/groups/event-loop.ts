import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createHost } from '@viscpm/core/node'
import type { BenchOptions } from '../options.js'
import { makePrompt } from '../prompt.js'
import { writeRandomModel } from '../random-model.js'
import { Measurement } from '../result.js'
import { languageConfig, languageSizes } from './language.js'

/** The longest that this thread's event loop went without a turn while `work` ran elsewhere. */
export async function largestGap(work: Promise<unknown>): Promise<number> {
  let running = true
  const finished = work.finally(() => {
    running = false
  })
  let largest = 0
  let last = performance.now()
  while (running) {
    await new Promise(done => setTimeout(done, 1))
    const now = performance.now()
    largest = Math.max(largest, now - last)
    last = now
  }
  await finished
  return largest
}

const steps = 24

/**
 * Largest gap of the caller's event loop while the mid-size model generates in a host, and while nothing runs at all:
 * what the machine's other work costs by itself.
 */
export async function measureEventLoop(folder: string, { runs, threads }: BenchOptions): Promise<Measurement[]> {
  const group = 'language-mid'
  const model = join(folder, group)
  if (!existsSync(model)) await writeRandomModel(model, languageConfig(group), 1)
  const generating = new Measurement('event-loop', 'largest gap while generating in a worker', 'ms', 20)
  const idle = new Measurement('event-loop', 'largest gap with nothing to do', 'ms')
  const host = await createHost({
    module: new URL('../ours/hosted.js', import.meta.url),
    export: 'hostedSide',
  })
  try {
    const ask = (command: string, request: object) => host.call('ask', [{ command, ...request }])
    await ask('load', { folder: model, threads })
    const prompt = makePrompt(200, languageSizes[group].vocab_size, 256, 5)
    const decode = { prompt, beams: 3, steps, penalty: 1.1, temperature: 0.7 }
    await ask('decode', decode)
    for (let run = 0; run < runs; run++) {
      const started = performance.now()
      generating.add({ ms: await largestGap(ask('decode', decode)) })
      const took = performance.now() - started
      idle.add({ ms: await largestGap(new Promise(done => setTimeout(done, took))) })
    }
  } finally {
    await host.dispose()
  }
  return [generating, idle]
}
