import type { WeightSource } from '@viscpm/core'
import type { MachineMemory } from '@viscpm/core/node'
import type { CheckpointReport } from '@viscpm/core/weights'
import type { Context } from '../../context.js'
import type { Messages } from '../../messages/index.js'
import { type Colors, colorsFor } from '../../terminal/colors.js'
import { displayWidth, formatBytes, formatCount, padTo } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'
import type { FilesBeside } from './beside.js'
import { fit, type MemoryNeed } from './memory.js'

/** Ignored keys that are shown by name. */
const shownKeys = 6

export interface Inspection {
  readonly path: string
  readonly weights: WeightSource
  readonly report: CheckpointReport
  /** Absent for what cannot be run. */
  readonly need?: MemoryNeed
  readonly memory: MachineMemory
  readonly beside?: FilesBeside
}

type Row = readonly [label: string, lines: readonly string[]]

/** The report as lines for people. */
export function inspectionLines(context: Context, inspection: Inspection): string[] {
  const { t, io } = context
  const { report, weights } = inspection
  const { labels } = t.inspect
  const colors = colorsFor(io.stdout, io.env)
  const rows: Row[] = [
    [labels.what, [kindLine(report, t)]],
    [labels.container, [`${t.inspect.containers[weights.format]}, ${formatBytes(report.nbytes)}`]],
    [labels.tensors, [report.tensors.toLocaleString('en')]],
    [labels.parameters, [parameterLine(report, context)]],
    [labels.dtypes, dtypeLines(report)],
    [labels.parts, partLines(report, context)],
    [labels.sizes, sizeLines(report, t)],
    [labels.ignored, ignoredLines(report, t)],
    [labels.beside, besideLines(inspection, t)],
    [labels.memory, memoryLines(inspection, t, colors)],
  ]
  const width = Math.max(...rows.map(([label]) => displayWidth(label))) + 2
  const lines = [colors.bold(oneLine(inspection.path))]
  for (const [label, values] of rows)
    values.forEach((value, i) => {
      lines.push(`  ${colors.dim(padTo(i === 0 ? label : '', width))}${value}`)
    })
  if (report.kind === 'unknown') lines.push(colors.dim(`  ${t.inspect.listKeys}`))
  return lines
}

function kindLine({ kind, variant, published, prefix }: CheckpointReport, t: Messages): string {
  const { inspect } = t
  const name = `${inspect.kinds[kind] ?? kind}${variant ? ` (${variant})` : ''}`
  const notes = [
    ...(kind === 'unknown' ? [] : [published ? inspect.published : inspect.notPublished]),
    ...(prefix ? [inspect.withPrefix(oneLine(prefix))] : []),
  ]
  return [name, ...notes].join(', ')
}

function parameterLine(report: CheckpointReport, { lang, t }: Context): string {
  const all = `${formatCount(report.parameters, lang)} (${report.parameters.toLocaleString('en')})`
  const unused = report.parts.length > 0 ? unusedParameters(report) : 0
  return unused > 0 ? `${all}, ${t.inspect.unused(formatCount(unused, lang))}` : all
}

function unusedParameters(report: CheckpointReport): number {
  return report.ignored.reduce((sum, { parameters }) => sum + parameters, 0)
}

function dtypeLines({ dtypes }: CheckpointReport): string[] {
  return Object.entries(dtypes).map(([dtype, { tensors, nbytes }]) =>
    [dtype, `${tensors.toLocaleString('en')} x`, formatBytes(nbytes)].join('  '),
  )
}

function partLines({ parts }: CheckpointReport, { lang, t }: Context): string[] {
  return parts.map(part => {
    const size = part.published ? t.inspect.published : t.inspect.notPublished
    const prefix = part.prefix ? `${oneLine(part.prefix)}*  ` : ''
    return `${prefix}${t.inspect.parts[part.name]}: ${formatCount(part.parameters, lang)}, ${size}`
  })
}

function sizeLines({ sizes }: CheckpointReport, t: Messages): string[] {
  const texts = Object.entries(sizes).map(
    ([name, size]) => `${t.inspect.sizes[name] ?? name} ${(size as number).toLocaleString('en')}`,
  )
  const language = texts.slice(0, texts.length - countVision(sizes))
  const vision = texts.slice(language.length)
  return [language, vision].filter(line => line.length > 0).map(line => line.join(' · '))
}

function countVision(sizes: CheckpointReport['sizes']): number {
  return Object.keys(sizes).filter(name => /^(vision|patch|image|query)/.test(name)).length
}

function ignoredLines({ ignored, kind }: CheckpointReport, t: Messages): string[] {
  if (kind === 'unknown') return []
  const lines = ignored.slice(0, shownKeys).map(({ key, reason }) => `${oneLine(key)}: ${t.inspect.reasons[reason]}`)
  return ignored.length > shownKeys ? [...lines, t.inspect.more(ignored.length - shownKeys)] : lines
}

function besideLines({ beside }: Inspection, t: Messages): string[] {
  if (!beside) return []
  const vocabulary = beside.vocabulary
    ? `${t.inspect.besideVocabulary}: ${oneLine(beside.vocabulary)}`
    : t.inspect.besideNoVocabulary
  return [vocabulary, ...(beside.config ? [`${t.inspect.besideConfig}: ${oneLine(beside.config)}`] : [])]
}

function memoryLines({ need, memory }: Inspection, t: Messages, colors: Colors): string[] {
  if (!need) return []
  const verdict = (bytes: number, how: string): string => {
    const result = fit(bytes, memory)
    const paint = result === 'fits' ? colors.green : result === 'fitsTight' ? colors.yellow : colors.red
    return `${t.inspect.needs(formatBytes(bytes), how)}: ${paint(t.inspect[result])}`
  }
  return [
    verdict(need.float32, t.inspect.asFloat32),
    ...(need.keepHalf === undefined ? [] : [verdict(need.keepHalf, t.inspect.keptHalf)]),
    t.inspect.machine(formatBytes(memory.total), formatBytes(memory.free)),
  ]
}

/** Every key: dtype, shape, size. */
export function keyLines(weights: WeightSource): string[] {
  const infos = weights.keys().map(key => weights.info(key))
  const width = Math.min(80, Math.max(0, ...infos.map(info => oneLine(info.key).length)))
  return infos.map(({ key, dtype, shape, nbytes }) =>
    [padTo(oneLine(key), width), padTo(dtype, 8), `[${shape.join(', ')}]`, formatBytes(nbytes)].join('  '),
  )
}
