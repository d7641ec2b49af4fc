import type { Estimate, KernelDistance } from '@viscpm/eval'
import type { EvalPaintMessages } from '../../messages/eval/paint-types.js'
import { displayWidth, padTo } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'
import type { PaintRow } from './figures.js'
import { publishedFid } from './published.js'

/** What a report is made of. */
export interface PaintReport {
  readonly extractor: { readonly name: string; readonly dim: number; readonly inception: boolean }
  readonly real: { readonly where: string; readonly pictures: number | undefined }
  readonly rows: readonly PaintRow[]
}

const empty = '–'
const digits = (value: number, inception: boolean): string => value.toFixed(inception ? 2 : 4)

function interval({ value, low, high }: Estimate, show: (value: number) => string): string {
  return Number.isFinite(low) ? `${show(value)} [${show(low)}, ${show(high)}]` : show(value)
}

/** A single pair of subsets has no deviation. */
function kernelCell({ distance, deviation }: KernelDistance): string {
  const [value, spread] = [distance, deviation].map(one => (1000 * one).toFixed(2))
  return Number.isFinite(deviation) ? `${value} ± ${spread}` : value!
}

/** The table, what has to be known to read it, and the published rows beside figures that can be held against them. */
export function reportLines(report: PaintReport, t: EvalPaintMessages): { table: string[]; notes: string[] } {
  const { extractor, real, rows } = report
  const { inception } = extractor
  const show = (value: number): string => digits(value, inception)
  const extrapolated = rows.some(row => row.comparison?.extrapolated !== undefined)
  const head = [
    ...[t.columns.language, t.columns.guidance, t.columns.pictures, t.columns.withheld],
    ...[inception ? 'FID' : t.columns.distance, ...(extrapolated ? [t.columns.extrapolated] : [])],
    ...[inception ? 'KID x 1000' : t.columns.kernel, t.columns.clip],
  ]
  const cells = rows.map(({ language, guidance, pictures, withheld, comparison, clipScore }) => {
    const kernel = comparison?.kernel
    return [
      language ?? empty,
      guidance === undefined ? t.ownGuidance : String(guidance),
      String(pictures),
      String(withheld),
      comparison ? interval(comparison.interval, show) : empty,
      ...(extrapolated ? [comparison?.extrapolated === undefined ? empty : show(comparison.extrapolated)] : []),
      kernel ? kernelCell(kernel) : empty,
      clipScore ? interval(clipScore, value => value.toFixed(2)) : empty,
    ]
  })
  const published = inception
    ? ['', t.published, ...columns([[t.columns.model, 'en', 'zh'], ...publishedFid.map(publishedCells)])]
    : []
  const fewest = Math.min(...rows.map(({ pictures }) => pictures))
  const jpegs = rows.reduce((sum, row) => sum + row.jpegs, 0)
  const notes = [
    inception ? t.notes.fid(extractor.name) : t.notes.clipDistance(extractor.name, extractor.dim),
    t.notes.real(oneLine(real.where), real.pictures),
    ...(fewest < 10_000 ? [t.notes.bias(fewest)] : []),
    ...(fewest <= extractor.dim ? [t.notes.singular(fewest, extractor.dim)] : []),
    ...(rows.some(row => row.comparison && !Number.isFinite(row.comparison.interval.low)) ? [t.notes.noInterval] : []),
    ...(jpegs > 0 ? [t.notes.jpeg(jpegs)] : []),
  ]
  return { table: [...columns([head, ...cells]), ...published], notes }
}

const publishedCells = ({ model, en, zh }: (typeof publishedFid)[number]): string[] => [
  model,
  en?.toFixed(1) ?? empty,
  zh?.toFixed(1) ?? empty,
]

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map(row => displayWidth(row[i]!))))
  return rows.map(row =>
    row
      .map((cell, i) => padTo(cell, widths[i]!))
      .join('  ')
      .trimEnd(),
  )
}
