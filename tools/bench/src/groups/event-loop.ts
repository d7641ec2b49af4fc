import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHost } from '@viscpm/core/node'
import type { BenchOptions } from '../options.js'
import { makePrompt } from '../prompt.js'
import { writeRandomModel } from '../random-model.js'
import { Measurement } from '../result.js'
import { languageConfig, languageSizes } from './language.js'

export interface Gap {
  /** Milliseconds from one turn of the event loop to the next, the longest there was. */
  readonly wall: number
  /** The same without the time that the thread was ready but other work had the core (Linux; elsewhere as `wall`). */
  readonly own: number
}

/** Milliseconds that the main thread has waited for a core so far. */
function waitedForCore(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}

/** The longest that this thread's event loop went without a turn while `work` ran elsewhere. */
export async function largestGap(work: Promise<unknown>): Promise<Gap> {
  let running = true
  const finished = work.finally(() => {
    running = false
  })
  // It is awaited below; until then its failure is not unhandled.
  finished.catch(() => {})
  let [wall, own] = [0, 0]
  let last = performance.now()
  let waited = waitedForCore()
  while (running) {
    await new Promise(done => setTimeout(done, 1))
    const nowWaited = waitedForCore()
    const gap = performance.now() - last
    wall = Math.max(wall, gap)
    own = Math.max(own, gap - (nowWaited - waited))
    last = performance.now()
    waited = nowWaited
  }
  await finished
  return { wall, own }
}

const steps = 24

/**
 * Largest gap of the caller's event loop while the mid-size model generates in a worker, and while nothing runs at all:
 * what the machine's other work costs by itself.
 */
export async function measureEventLoop(folder: string, { runs, threads }: BenchOptions): Promise<Measurement[]> {
  const group = 'language-mid'
  const model = join(folder, group)
  if (!existsSync(model)) await writeRandomModel(model, languageConfig(group), 1)
  const made = (name: string, goal?: number) => new Measurement('event-loop', name, 'ms', goal)
  const generating = made('largest gap while generating in a worker', 20)
  const own = made('the same, without waiting for a core', 20)
  const idle = made('largest gap with nothing to do')
  const host = await createHost({ module: new URL('../ours/hosted.js', import.meta.url), export: 'hostedSide' })
  try {
    const ask = (command: string, request: object) => host.call('ask', [{ command, ...request }])
    await ask('load', { folder: model, threads })
    const prompt = makePrompt(200, languageSizes[group].vocab_size, 256, 5)
    const decode = { prompt, beams: 3, steps, penalty: 1.1, temperature: 0.7 }
    await ask('decode', decode)
    for (let run = 0; run < runs; run++) {
      const started = performance.now()
      const gap = await largestGap(ask('decode', decode))
      generating.add({ ms: gap.wall })
      own.add({ ms: gap.own })
      const took = performance.now() - started
      idle.add({ ms: (await largestGap(new Promise(done => setTimeout(done, took)))).wall })
    }
  } finally {
    await host.dispose()
  }
  return [generating, own, idle]
}
