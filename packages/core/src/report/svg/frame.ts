import { escapeXml } from './escape.js'
import type { Scale } from './scale.js'

/** One value for each category; undefined where there is none. */
export interface ChartSeries {
  readonly name: string
  readonly values: readonly (number | undefined)[]
}

export interface ChartOptions {
  /** Unique in its document: ids are made of it. */
  readonly id: string
  readonly title: string
  /** What is to be seen, for those who cannot. */
  readonly description: string
  readonly xLabel: string
  readonly yLabel: string
  readonly categories: readonly string[]
  readonly series: readonly ChartSeries[]
  /** A value as text, at the axis and where one points at it. */
  readonly format: (value: number) => string
}

/** Colours of charts by `prefers-color-scheme`: a document that holds charts needs them once. */
export const chartStyle: string = `.chart{--ink:#1f2328;--faint:#d0d7de;--s0:#0b6bcb;--s1:#c4501b;--s2:#12805c;--s3:#7a4fc0;width:100%;height:auto;max-width:760px}
@media (prefers-color-scheme:dark){.chart{--ink:#e6edf3;--faint:#3a424c;--s0:#58a6ff;--s1:#ff9a5c;--s2:#3fc996;--s3:#b794f6}}
.chart text{fill:var(--ink);font:12px system-ui,sans-serif}.chart .grid{stroke:var(--faint)}
.chart .b0{fill:var(--s0)}.chart .b1{fill:var(--s1)}.chart .b2{fill:var(--s2)}.chart .b3{fill:var(--s3)}
.chart .l0{stroke:var(--s0)}.chart .l1{stroke:var(--s1);stroke-dasharray:6 3}.chart .l2{stroke:var(--s2);stroke-dasharray:2 3}.chart .l3{stroke:var(--s3);stroke-dasharray:8 3 2 3}
.chart .line{fill:none;stroke-width:2}`

/** Colours there are; more series begin anew. */
export const colours = 4
const size = { width: 760, height: 300 }
const plot = { left: 72, right: 12, top: 34 }
const characterWidth = 6.6
/** Labels longer than this are written aslant. */
const longest = 5

/** Where things lie in a chart. */
export interface Area {
  /** Middle of a category. */
  x(index: number): number
  y(value: number): number
  /** Width that a category has. */
  readonly slot: number
  readonly bottom: number
}

export const round = (value: number): number => Math.round(value * 10) / 10

/** Axes, grid, legend and texts around what `draw` gives. */
export function frame(options: ChartOptions, scale: Scale, draw: (area: Area) => string): string {
  const { id, title, description, categories, series, format } = options
  const widest = Math.max(0, ...categories.map(text => text.length))
  const aslant = widest > longest
  const bottom = size.height - (aslant ? Math.min(130, 34 + widest * characterWidth * 0.7) : 46)
  const slot = (size.width - plot.left - plot.right) / Math.max(1, categories.length)
  const area: Area = {
    slot,
    bottom,
    x: index => plot.left + (index + 0.5) * slot,
    y: value => bottom - scale.of(value) * (bottom - plot.top),
  }
  const every = Math.ceil((aslant ? 14 : (widest + 1) * characterWidth) / slot)
  const grid = scale.ticks.map(tick => {
    const y = round(area.y(tick))
    const line = `<line class="grid" x1="${plot.left}" x2="${size.width - plot.right}" y1="${y}" y2="${y}"/>`
    return `${line}<text x="${plot.left - 6}" y="${y + 4}" text-anchor="end">${escapeXml(format(tick))}</text>`
  })
  const labels = categories.flatMap((category, i) => {
    if (i % every !== 0) return []
    const [x, y] = [round(area.x(i)), round(bottom + 15)]
    const place = aslant
      ? `x="${x}" y="${y - 3}" text-anchor="end" transform="rotate(-45 ${x} ${y - 3})"`
      : `x="${x}" y="${y}" text-anchor="middle"`
    return [`<text ${place}>${escapeXml(category)}</text>`]
  })
  const middle = round((plot.top + bottom) / 2)
  const axes = [
    `<text x="${round((plot.left + size.width) / 2)}" y="${size.height - 6}" text-anchor="middle">${escapeXml(options.xLabel)}</text>`,
    `<text x="14" y="${middle}" text-anchor="middle" transform="rotate(-90 14 ${middle})">${escapeXml(options.yLabel)}</text>`,
  ]
  const names = `id="${escapeXml(id)}-t"`
  const told = `id="${escapeXml(id)}-d"`
  return [
    `<svg class="chart" role="img" viewBox="0 0 ${size.width} ${size.height}" aria-labelledby="${escapeXml(id)}-t ${escapeXml(id)}-d" xmlns="http://www.w3.org/2000/svg">`,
    `<title ${names}>${escapeXml(title)}</title><desc ${told}>${escapeXml([description, ...ranges(series, format)].join(' '))}</desc>`,
    ...grid,
    ...labels,
    ...axes,
    ...(series.length > 1 ? legend(series) : []),
    draw(area),
    '</svg>',
  ].join('\n')
}

/** What the values of each series lie between, for those who cannot see them. */
function ranges(series: readonly ChartSeries[], format: (value: number) => string): string[] {
  return series.flatMap(({ name, values }) => {
    const known = values.filter(value => value !== undefined && Number.isFinite(value)) as number[]
    if (known.length === 0) return []
    return [`${name}: ${format(Math.min(...known))} – ${format(Math.max(...known))}.`]
  })
}

function legend(series: readonly ChartSeries[]): string[] {
  let x = plot.left
  return series.map(({ name }, i) => {
    const entry = `<rect class="b${i % colours}" x="${round(x)}" y="8" width="12" height="12"/><text x="${round(x + 18)}" y="18">${escapeXml(name)}</text>`
    x += 40 + name.length * characterWidth
    return entry
  })
}
