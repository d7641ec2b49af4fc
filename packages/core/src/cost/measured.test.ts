import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { chatCost } from './chat.js'
import type { Measurements } from './measured.js'
import { paintCost } from './paint.js'
import type { Cost } from './types.js'

const measured = JSON.parse(readFileSync(new URL('fixtures/measured.json', import.meta.url), 'utf8')) as Measurements

/** Of what was measured; docs/memory.md says so. */
const memoryTolerance = 0.15
const timeTolerance = 0.4
/** Load of a machine that does nothing else. */
const quiet = 1
/** What is too short to be told from noise, in seconds. */
const shortest = 0.5

type Run = Measurements['runs'][number]

function costOfRun(run: Run): Cost {
  const facts = measured.facts[run.model]!
  if (run.kind === 'chat' && 'chat' in facts) return chatCost(facts.chat, run.mode, run.machine, run.talk)
  if (run.kind === 'paint' && 'paint' in facts) return paintCost(facts.paint, run.mode, run.machine, run.painting)
  throw new Error(`${run.model} is no ${run.kind}`)
}

const named = measured.runs.map((run, i) => [`${i} ${run.model} ${JSON.stringify(run.mode)}`, run] as const)

describe('what is predicted is what was measured', () => {
  it('in many runs', () => {
    expect(measured.runs.length).toBeGreaterThanOrEqual(10)
    expect(new Set(measured.runs.flatMap(run => run.stages.map(({ stage }) => stage))).size).toBe(7)
  })

  it.each(named)('%s: memory', (_, run) => {
    const cost = costOfRun(run)
    const peak = Math.max(...run.stages.map(({ memory }) => memory))
    expect(Math.abs(cost.memory / peak - 1)).toBeLessThanOrEqual(memoryTolerance)
    expect(cost.own).toBeLessThanOrEqual(cost.memory)
  })

  it('time of every stage on a quiet machine, and the median of all', () => {
    const all: number[] = []
    for (const [name, run] of named) {
      // Of the embedded models all takes milliseconds, most of them the runtime's.
      if (run.model.startsWith('tiny')) continue
      const cost = costOfRun(run)
      for (const { stage, seconds } of run.stages) {
        const predicted = cost.stages.find(one => one.stage === stage)!.seconds
        if (Math.max(predicted, seconds) < shortest) continue
        const ratio = predicted / seconds
        all.push(ratio)
        if (run.load > quiet) continue
        expect(Math.abs(ratio - 1), `${name}, ${stage}: ${predicted} for ${seconds} s`).toBeLessThanOrEqual(
          timeTolerance,
        )
      }
    }
    const median = all.sort((a, b) => a - b)[Math.floor(all.length / 2)]!
    expect(Math.abs(median - 1)).toBeLessThanOrEqual(timeTolerance)
  })
})
