import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { VisCPMChat } from '@viscpm/chat/node'
import type { OnProgress } from '@viscpm/core'
import type { ChatMode, MeasuredStage, PaintMode } from '@viscpm/core/cost'
import { VisCPMPaint } from '@viscpm/paint/node'
import { median } from '../statistics.js'

export interface ChatRun {
  readonly mode: ChatMode
  readonly beams: number
  /** Tokens of the answer, at most. */
  readonly answer: number
  /** Words of the question. */
  readonly words: number
}

export interface PaintRun {
  readonly mode: PaintMode
  /** In pixels. */
  readonly side: number
  readonly steps: number
  readonly batch: number
}

const status = '/proc/self/status'
const peaks = '/proc/self/clear_refs'

function bytes(field: string): number {
  return 1024 * Number(new RegExp(`${field}:\\s*(\\d+) kB`).exec(readFileSync(status, 'utf8'))?.[1])
}

const rounded = (seconds: number): number => Number(seconds.toPrecision(4))

/** Stages one after another: how long each takes, and how much memory. */
class Stages {
  readonly done: MeasuredStage[] = []
  private started = performance.now()

  /** Writing 5 lets the kernel count the peak anew. */
  begin(): void {
    if (existsSync(peaks)) writeFileSync(peaks, '5')
    this.started = performance.now()
  }

  end(stage: MeasuredStage['stage']): void {
    const seconds = rounded((performance.now() - this.started) / 1000)
    this.done.push({ stage, seconds, memory: bytes('VmHWM'), after: bytes('VmRSS') })
    this.begin()
  }
}

export interface ChatMeasured {
  readonly stages: readonly MeasuredStage[]
  /** Tokens. */
  readonly prompt: number
  readonly steps: number
  /** Median seconds. */
  readonly step: number
}

export interface PaintMeasured {
  readonly stages: readonly MeasuredStage[]
}

/** A picture that is no plain colour. */
function drawn(side: number): { width: number; height: number; data: Uint8Array } {
  return { width: side, height: side, data: Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 7) % 256) }
}

/** Runs a model once, in a process of its own. */
export class CostRunner {
  /** Loading, looking at a picture, reading the question, an answer. */
  async chat(folder: string, { mode, beams, answer, words }: ChatRun, threads: number): Promise<ChatMeasured> {
    const stages = new Stages()
    stages.begin()
    const chat = await VisCPMChat.load(folder, { threads, ...mode })
    stages.end('load')
    const ends: number[] = []
    const onProgress: OnProgress = ({ phase, done }) => {
      if (phase === 'vision') done === 0 ? stages.begin() : stages.end('see')
      if (phase !== 'decode') return
      if (ends.length === 0) stages.end('read')
      ends.push(performance.now())
    }
    const decoding = beams > 1 ? { decoding: 'beam', beamSize: beams } : { decoding: 'greedy', lookup: false }
    const options = { ...decoding, maxNewTokens: answer, onProgress } as const
    const { usage } = await chat.ask(drawn(224), 'cat '.repeat(words), options as never)
    stages.end('answer')
    await chat.dispose()
    const steps = ends.slice(1).map((end, i) => (end - ends[i]!) / 1000)
    return { stages: stages.done, prompt: usage.promptTokens, steps: ends.length, step: rounded(median(steps)) }
  }

  /** Loading, and one picture or a batch of them. */
  async paint(folder: string, { mode, side, steps, batch }: PaintRun, threads: number): Promise<PaintMeasured> {
    const stages = new Stages()
    stages.begin()
    const painter = await VisCPMPaint.load(folder, { threads, ...mode })
    stages.end('load')
    const onProgress: OnProgress = ({ phase, done, total }) => {
      // Layers that are read one by one are told of before the text is done; the ranker reads texts too.
      if (phase === 'text' && total === 1 && done === 1 && stages.done.length === 1) stages.end('text')
      if (phase === 'denoise' && done === total) stages.end('denoise')
      if (phase === 'decode' && done === total) stages.end('decode')
    }
    const size = { width: side, height: side }
    await painter.generate({
      prompt: 'a red cat',
      ...size,
      steps,
      count: batch,
      candidates: 1,
      batchSize: batch,
      seed: 1,
      onProgress,
    })
    await painter.dispose()
    return { stages: stages.done }
  }
}

export default (): CostRunner => new CostRunner()
