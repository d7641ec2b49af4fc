import { barChart, type ChartOptions, chartStyle, lineChart } from '@viscpm/core/report'
import type { BilingualCard, Estimate, ModelLayersCard } from '@viscpm/eval'
import type { BilingualMessages } from '../../messages/eval/bilingual-types.js'

export interface NamedChart {
  /** Unique; also its file's name. */
  readonly id: string
  readonly title: string
  /** An `<svg>` element. */
  readonly chart: string
}

/** The plots of what was measured. */
export function bilingualCharts({ pictures, layers = [] }: BilingualCard, text: BilingualMessages): NamedChart[] {
  const { measures, columns, charts } = text
  const options = (id: string, title: string, { description, x, y }: typeof charts.layers) => ({
    ...{ id, title, description, xLabel: x, yLabel: y },
    format: (value: number) => String(Number(value.toFixed(2))),
  })
  const drawn = (draw: (options: ChartOptions) => string, given: ChartOptions): NamedChart => ({
    ...{ id: given.id, title: given.title, chart: draw(given) },
  })
  const distances = pictures && [pictures.pixels, pictures.embedding, pictures.features]
  return [
    ...(distances
      ? [
          drawn(barChart, {
            ...options('pictures', charts.pictures.title, charts.pictures),
            categories: [measures.pixels, measures.embedding, measures.features],
            series: (['languages', 'otherSeed', 'otherPrompt'] as const).map(key => ({
              name: columns[key],
              values: distances.map(card => card[key].value / card.otherPrompt.value),
            })),
          }),
        ]
      : []),
    ...layers.map(model =>
      drawn(lineChart, {
        ...options(`layers-${model.model}`, `${charts.layers.title}: ${model.model}`, charts.layers),
        categories: model.mean.layers.map(({ layer }) => String(layer)),
        series: layerSeries(model, text),
      }),
    ),
  ]
}

function layerSeries({ mean, last }: ModelLayersCard, { series }: BilingualMessages) {
  // The axis begins at 0, and unbiased figures of what is unrelated lie around it.
  const drawn = ({ value }: Estimate): number => Math.max(0, value)
  const lasts = new Map(last.layers.map(({ layer, centred }) => [layer, drawn(centred)]))
  return [
    { name: series.centred, values: mean.layers.map(layer => drawn(layer.centred)) },
    { name: series.centredLast, values: mean.layers.map(({ layer }) => lasts.get(layer)) },
    { name: series.cka, values: mean.layers.map(layer => drawn(layer.cka)) },
    { name: series.found, values: mean.layers.map(layer => drawn(layer.zhToEn)) },
  ]
}

/** A chart as a file of its own. The title stays the first element: there it is looked for. */
export const standalone = (chart: string): string =>
  `${chart.replace(/<\/svg>$/, `<style>${chartStyle}</style>\n</svg>`)}\n`
