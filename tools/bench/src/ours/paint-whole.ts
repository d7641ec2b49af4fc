import { readFileSync, writeFileSync } from 'node:fs'
import type { Progress } from '@viscpm/core'
import { VisCPMPaint } from '@viscpm/paint/node'
import type { Reply, Request } from '../protocol.js'

const stages = ['text', 'denoise', 'decode'] as const

/** A picture of the preset `fast` from prompt to pixels, every network loaded when its turn comes. */
export async function paintWhole({ where, places, threads }: Request<'paintWhole'>): Promise<Reply<'paintWhole'>> {
  const painter = await VisCPMPaint.load(where, { ...places, threads, memory: 'low', ranker: false })
  const peaks = new StagePeaks()
  const { timings, candidates } = await painter.generate({
    prompt: '一只红色的猫坐在窗台上，水彩画',
    preset: 'fast',
    seed: 7,
    candidates: 1,
    onProgress: progress => peaks.see(progress),
  })
  peaks.end('decode')
  await painter.dispose()
  const { width, height } = candidates[0]!.image
  return {
    pixels: width * height,
    ms: { text: timings.text, denoise: timings.denoise, decode: timings.decode },
    peakMb: peaks.found,
  }
}

/** The most resident memory of each stage: the system's own maximum, begun anew after each, where it lets us. */
class StagePeaks {
  readonly found: Partial<Record<(typeof stages)[number], number>> = {}
  private works: boolean = restart()

  see({ phase, done, total }: Progress): void {
    if (done === total) this.end(phase)
  }

  end(phase: string): void {
    const stage = stages.find(name => name === phase)
    if (!this.works || stage === undefined) return
    const kb = /VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    if (kb !== undefined) this.found[stage] = Math.max(this.found[stage] ?? 0, Number(kb) / 1024)
    this.works = restart()
  }
}

/** Linux: sets the maximum of the resident memory to what it is now. */
function restart(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
    return true
  } catch {
    return false
  }
}
