import { escapeXml } from './escape.js'
import { type ChartOptions, colours, frame, round } from './frame.js'
import { linearScale, logScale } from './scale.js'

const valuesOf = ({ series }: ChartOptions): number[] =>
  series.flatMap(({ values }) => values.filter(v => v !== undefined))

/** Bars side by side for each category, from 0 up. @returns an `<svg>` element, styled by `chartStyle` */
export function barChart(options: ChartOptions): string {
  const { categories, series, format } = options
  return frame(options, linearScale(valuesOf(options)), ({ x, y, slot, bottom }) => {
    const width = Math.max(1, (slot * 0.8) / Math.max(1, series.length))
    const bars = series.flatMap(({ name, values }, s) =>
      values.flatMap((value, i) => {
        if (value === undefined || !Number.isFinite(value)) return []
        const left = x(i) - (width * series.length) / 2 + s * width
        const top = Math.min(bottom - 0.5, y(value)) // what is there is seen
        const told = escapeXml(`${categories[i]}, ${name}: ${format(value)}`)
        const place = `x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(bottom - top)}"`
        return [`<rect class="b${s % colours}" ${place}><title>${told}</title></rect>`]
      }),
    )
    return bars.join('\n')
  })
}

/** Curves over the categories; `logarithmic`: powers of ten up the side, default from 0 up. @returns as `barChart` */
export function lineChart(options: ChartOptions & { readonly logarithmic?: boolean }): string {
  const { categories, series, format, logarithmic = false } = options
  return frame(options, (logarithmic ? logScale : linearScale)(valuesOf(options)), ({ x, y }) => {
    const curves = series.map(({ name, values }, s) => {
      const places = values.flatMap((value, i) =>
        value !== undefined && Number.isFinite(value) ? [[i, value, round(x(i)), round(y(value))] as const] : [],
      )
      const line = `<polyline class="line l${s % colours}" points="${places.map(([, , px, py]) => `${px},${py}`).join(' ')}"/>`
      const dots = places.map(([i, value, px, py]) => {
        const told = escapeXml(`${categories[i]}, ${name}: ${format(value)}`)
        return `<circle class="b${s % colours}" cx="${px}" cy="${py}" r="3"><title>${told}</title></circle>`
      })
      return [line, ...dots].join('\n')
    })
    return curves.join('\n')
  })
}
