import type { PaintFull } from './paint.js'
import { type FullRow, standing } from './row.js'
import { number, rowsMarkdown, table } from './row-table.js'
import type { FullRun, FullSizes } from './rows.js'

/** A way to store the weights, on a few layers. */
export interface FormatTimes {
  readonly format: string
  readonly layers: number
  readonly bytesPerStep: number
  readonly decodeMs: number
  readonly threeBeamsMs: number
  readonly prefill128Ms: number
}

/** What the cost model says about one machine. */
export interface Prediction {
  readonly machine: string
  readonly times: readonly {
    readonly what: string
    readonly ms: number
    /** Where it was measured too, and the model not fitted to that: 0.1 = predicts 10 % more. */
    readonly error?: number
  }[]
}

export interface FullReport {
  readonly date: string
  readonly versions: { readonly ours: string; readonly llama: string; readonly torch: string }
  readonly threads: number
  readonly layers: number
  readonly sizes: Omit<FullSizes, 'config'>
  readonly memoryMethod: string
  readonly runs: readonly FullRun[]
  readonly rows: readonly FullRow[]
  readonly formats: readonly FormatTimes[]
  readonly scaling: readonly Prediction[]
  /** What was measured, what was left out, and why. */
  readonly notes: readonly string[]
}

/** The tables of the published sizes as Markdown; of chat, of painting, or of both as one. */
export function fullMarkdown(chat: FullReport | undefined, paint: PaintFull | undefined): string {
  const rows = [...(chat?.rows ?? []), ...(paint?.rows ?? [])]
  const facts = [...(chat ? chatFacts(chat) : []), ...(paint?.notes ?? [])]
  return [
    ...(facts.length > 0 ? [facts.map(fact => `- ${fact}`).join('\n')] : []),
    rowsMarkdown(rows),
    lossesText(rows),
    ...(chat ? chatTables(chat) : []),
  ].join('\n\n')
}

function chatFacts({ sizes, runs, versions, layers, threads, memoryMethod, notes }: FullReport): string[] {
  const each = (of: (run: FullRun) => number | undefined) => runs.map(run => of(run)?.toFixed(1) ?? '?').join(', ')
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`
  return [
    `CPM-Bee 10B, ${layers} layers, ${gb(sizes.fileBytes)}; a step reads ${gb(sizes.bytesPerStep)} of weights; ${threads} threads on all sides`,
    `ours: ${versions.ours}; llama.cpp: ${versions.llama}; PyTorch: ${versions.torch}`,
    `in each run: memory ${each(run => run.memoryGbPerSecond)} GB/s (${memoryMethod}); disk ${each(run => run.diskGbPerSecond)} GB/s; cached file ${each(run => run.cachedGbPerSecond)} GB/s; load average before it ${each(run => run.load)}`,
    ...notes,
  ]
}

function lossesText(rows: readonly FullRow[]): string {
  const missed = rows.filter(row => standing(row) === 'missed')
  if (missed.length === 0) return 'Missed: nothing.'
  return `Missed, and what bounds it:\n\n${missed.map(lossText).join('\n')}`
}

function chatTables({ formats, scaling }: FullReport): string[] {
  return [
    'How the weights are stored, on a few layers:',
    table(
      ['weights', 'layers', 'a step reads', 'decode, 1 beam', '3 beams', '3 beams / 1', 'prefill 128'],
      formats.map(f => [
        f.format,
        String(f.layers),
        `${(f.bytesPerStep / 1e6).toFixed(0)} MB`,
        `${number(f.decodeMs)} ms`,
        `${number(f.threeBeamsMs)} ms`,
        number(f.threeBeamsMs / f.decodeMs),
        `${number(f.prefill128Ms)} ms`,
      ]),
    ),
    'Other machines, by time = bytes / bandwidth + compute / cores + serial, fitted to the medians above:',
    scalingTable(scaling),
  ]
}

function lossText(row: FullRow): string {
  const against = row.against ? ` against ${row.against.name}` : ''
  return `- ${row.what}${against}: ${number(row.score!.median)}${row.bound === undefined ? '' : `; ${row.bound}`}`
}

function scalingTable(scaling: readonly Prediction[]): string {
  const time = ({ ms, error }: Prediction['times'][number]) => {
    const off = error === undefined ? '' : ` (${error < 0 ? '' : '+'}${(error * 100).toFixed(0)} %)`
    return `${number(ms)} ms${off}`
  }
  const head = ['machine', ...(scaling[0]?.times.map(({ what }) => what) ?? [])]
  return table(
    head,
    scaling.map(({ machine, times }) => [machine, ...times.map(time)]),
  )
}
