import type { Fit, PredictedChat, PredictedPaint } from '@viscpm/core/cost'
import type { Context } from '../../context.js'
import type { Messages } from '../../messages/index.js'
import { type Colors, colorsFor } from '../../terminal/colors.js'
import { displayWidth, formatBytes, padTo } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'
import type { Prediction } from './model.js'

/** A prediction as lines for people. */
export function predictionLines({ io, t }: Context, { model, machine, memory, models }: Prediction): string[] {
  const colors = colorsFor(io.stdout, io.env)
  const name = oneLine(model)
  const billions = (rate: number) => (rate / 1e9).toFixed(rate < 1e10 ? 1 : 0)
  const { ramBandwidth, diskBandwidth, float32, int8, cores } = machine
  const rates = [ramBandwidth, float32, int8, diskBandwidth].map(billions) as [string, string, string, string]
  const lines = [t.cost.machine(formatBytes(memory.total), formatBytes(memory.free), cores, ...rates)]
  for (const one of models) {
    if (one.kind === 'viscpm-paint') {
      lines.push('', colors.bold(t.cost.paint(name)), ...paintTable(one.ways, t, colors), '')
      lines.push(colors.dim(t.cost.paintNote(one.painting.width, one.painting.steps)))
      if (one.assumedVae) lines.push(colors.dim(t.cost.assumedVae))
    } else {
      const sees = one.kind === 'viscpm-chat'
      lines.push('', colors.bold(sees ? t.cost.chat(name) : t.cost.text(name)), ...chatTable(one.ways, t, colors), '')
      lines.push(colors.dim(t.cost.chatNote))
    }
  }
  const converts = models.some(({ ways }) => ways.some(({ form }) => form !== 'as it is'))
  return [...lines, ...(converts ? [colors.dim(t.cost.convertNote)] : []), colors.dim(t.cost.footnote)]
}

function chatTable(ways: readonly PredictedChat[], t: Messages, colors: Colors): string[] {
  const { columns } = t.cost
  const { form, way, memory, longest, load, firstToken, greedy, beam, fits } = columns
  const caches = new Set(ways.map(({ mode }) => mode.kvCache)).size > 1
  const figures = (one: PredictedChat) => [
    formatBytes(one.memory),
    formatBytes(one.longest),
    seconds(one.load, t),
    seconds(one.firstToken, t),
    rate(one.tokensPerSecond.greedy),
    rate(one.tokensPerSecond.beam),
    fitText(one.fits, t, colors),
  ]
  const likeness = ({ form, mode }: PredictedChat) => `${form} ${mode.releaseVision} ${mode.kvCache}`
  const widened = new Map(ways.filter(one => !one.mode.keepHalf).map(one => [likeness(one), figures(one).join()]))
  // Where next to nothing is half, keeping it half changes nothing that is seen.
  const shown = ways.filter(one => !one.mode.keepHalf || widened.get(likeness(one)) !== figures(one).join())
  const halves = shown.some(({ mode }) => mode.keepHalf)
  const rows = shown.map(one => [
    t.cost.forms[one.form],
    [
      one.form !== 'as it is' || !halves ? t.cost.asStored : one.mode.keepHalf ? t.cost.halves : t.cost.widened,
      ...(one.mode.releaseVision ? [t.cost.visionReleased] : []),
      ...(caches ? [t.cost.cache(one.mode.kvCache)] : []),
    ].join(', '),
    ...figures(one),
  ])
  return table([[form, way, memory, longest, load, firstToken, greedy, beam, fits], ...rows], colors)
}

function paintTable(ways: readonly PredictedPaint[], t: Messages, colors: Colors): string[] {
  const { form, way, memory, load, picture, fits } = t.cost.columns
  const rows = ways.map(one => [
    t.cost.forms[one.form],
    one.mode.memory === 'low'
      ? t.cost.inTurns
      : [t.cost.normal, ...(one.mode.keepHalf ? [t.cost.halves] : [])].join(', '),
    formatBytes(one.memory),
    seconds(one.load, t),
    seconds(one.secondsPerPicture, t),
    fitText(one.fits, t, colors),
  ])
  return table([[form, way, memory, load, picture, fits], ...rows], colors)
}

const seconds = (value: number, t: Messages): string =>
  t.cost.seconds(value < 10 ? value.toFixed(1) : Math.round(value).toString())

const rate = (value: number): string =>
  value < 1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : value.toFixed(0)

function fitText(fit: Fit, t: Messages, colors: Colors): string {
  const color = { fits: colors.green, tight: colors.yellow, no: colors.red }[fit]
  return color(t.cost.fits[fit])
}

/** Columns as wide as their widest cell; the first row is the head. */
function table(rows: readonly (readonly string[])[], colors: Colors): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => displayWidth(row[column]!))))
  const lines = rows.map(
    row =>
      `  ${row
        .map((cell, column) => padTo(cell, widths[column]!))
        .join('  ')
        .trimEnd()}`,
  )
  return lines.map((line, i) => (i === 0 ? colors.dim(line) : line))
}
