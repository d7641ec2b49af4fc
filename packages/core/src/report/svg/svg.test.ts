import { describe, expect, it } from 'vitest'
import { barChart, lineChart } from './charts.js'
import { escapeXml } from './escape.js'
import type { ChartOptions } from './frame.js'
import { linearScale, logScale } from './scale.js'

describe('scales', () => {
  it('end at round numbers that nothing exceeds', () => {
    expect(linearScale([0.3, 7.3]).ticks).toEqual([0, 2, 4, 6, 8])
    expect(linearScale([0.103]).ticks).toEqual([0, 0.05, 0.1, 0.15])
    expect(linearScale([5]).ticks).toEqual([0, 1, 2, 3, 4, 5])
    for (const most of [1e-9, 0.02, 0.021, 1, 9.99, 123_456]) {
      const { ticks, of } = linearScale([most])
      expect(of(most)).toBeLessThanOrEqual(1 + 1e-9)
      expect(of(most)).toBeGreaterThan(0.5)
      expect(ticks.length).toBeGreaterThan(2)
      expect(ticks.length).toBeLessThan(8)
    }
    expect(linearScale([]).of(0)).toBe(0)
    expect(linearScale([0, Number.NaN]).ticks).toEqual([0, 1])
  })

  it('of powers of ten hold everything above 0', () => {
    const { ticks, of } = logScale([0.004, 0.2, 0])
    expect(ticks).toEqual([0.001, 0.01, 0.1, 1])
    expect(of(0.001)).toBeCloseTo(0, 12)
    expect(of(1)).toBeCloseTo(1, 12)
    expect(of(0.1)).toBeCloseTo(2 / 3, 12)
    expect([of(0), logScale([0]).of(0)]).toEqual([0, 0])
    expect(logScale([0.1]).of(0.1)).toBe(0)
  })
})

const evil = `</svg><script>alert(1)</script>"onload='x'&\u202e\u0007`
const options: ChartOptions = {
  id: 'c',
  title: 'Error <of> layers',
  description: 'It grows.',
  xLabel: 'layer',
  yLabel: 'relative error',
  categories: ['0', '1', '2'],
  series: [
    { name: 'int4', values: [1, 2, 4] },
    { name: 'int8', values: [0.5, undefined, 0] },
  ],
  format: value => `${value} %`,
}
const all = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)]

describe('charts', () => {
  it('have a bar as high as its value for each there is', () => {
    const svg = barChart(options)
    const bars = all(
      svg,
      /<rect class="b(\d)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"><title>([^<]*)/g,
    )
    expect(bars.map(bar => bar[6])).toEqual([
      '0, int4: 1 %',
      '1, int4: 2 %',
      '2, int4: 4 %',
      '0, int8: 0.5 %',
      '2, int8: 0 %',
    ])
    const heights = bars.map(bar => Number(bar[5]))
    expect(heights[2]! / heights[0]!).toBeCloseTo(4, 1)
    expect(heights[0]! / heights[3]!).toBeCloseTo(2, 1)
    expect(heights[4]).toBe(0.5)
    // Bars of one category lie side by side.
    expect(Number(bars[3]![2])).toBeCloseTo(Number(bars[0]![2]) + Number(bars[0]![4]), 0)
    expect(svg).toContain(
      '<title id="c-t">Error &lt;of&gt; layers</title><desc id="c-d">It grows. int4: 1 % – 4 %. int8: 0 % – 0.5 %.</desc>',
    )
    expect(svg).toContain('aria-labelledby="c-t c-d"')
  })

  it('have a point for each value, where its scale puts it', () => {
    const svg = lineChart({ ...options, series: [{ name: 'kl', values: [0.01, 0.1, 1] }], logarithmic: true })
    const points = all(svg, /<circle class="b0" cx="([\d.]+)" cy="([\d.]+)"/g).map(p => [Number(p[1]), Number(p[2])])
    expect(points).toHaveLength(3)
    const [a, b, c] = points as [number[], number[], number[]]
    expect(a[1]! - b[1]!).toBeCloseTo(b[1]! - c[1]!, 0)
    expect(b[0]! - a[0]!).toBeCloseTo(c[0]! - b[0]!, 0)
    expect(all(svg, /<polyline/g)).toHaveLength(1)
    expect(svg).not.toContain('int4') // one curve needs no legend
  })

  it('cannot be broken out of', () => {
    const named = { ...options, id: evil, title: evil, description: evil, xLabel: evil, yLabel: evil }
    const series = [...options.series, { name: evil, values: [1, 1, 1] }]
    const hostile: ChartOptions = { ...named, categories: [evil, evil, evil], series, format: () => evil }
    for (const svg of [barChart(hostile), lineChart(hostile)]) {
      expect(svg).not.toContain('<script')
      expect(all(svg, /<\/svg>/g)).toHaveLength(1)
      expect(svg).not.toMatch(/"onload|'x'|[\u202e\u0007]/)
    }
  })

  it('write long and many labels so that they do not lie on one another', () => {
    const categories = Array.from({ length: 200 }, (_, i) => `unet.down_blocks.${i}`)
    const svg = barChart({ ...options, categories, series: [{ name: 'a', values: categories.map(() => 1) }] })
    const places = all(svg, /<text x="([\d.]+)" [^>]*rotate\(-45/g).map(match => Number(match[1]))
    expect(places.length).toBeGreaterThan(20)
    for (let i = 1; i < places.length; i++) expect(places[i]! - places[i - 1]!).toBeGreaterThanOrEqual(13.9)
  })

  it('of nothing are empty', () => {
    expect(barChart({ ...options, categories: [], series: [] })).toMatch(/^<svg[\s\S]*<\/svg>$/)
  })
})

it('text stays text', () => {
  expect(escapeXml(evil)).toBe(
    '&lt;/svg&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;onload=&#39;x&#39;&amp;\ufffd\ufffd',
  )
  expect(escapeXml('层 12\n')).toBe('层 12\n')
})
