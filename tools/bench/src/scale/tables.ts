import type { Figures } from './figures.js'
import { type Assumptions, assumptions, type Fleet, planFor, serviceTimes } from './plan.js'

const users = [10, 1000, 100_000]

const number = (x: number, digits: number = 0): string =>
  x.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
/** With two figures that count. */
const rough = (x: number): string => (x >= 10 ? number(x) : x >= 1 ? number(x, 1) : String(Number(x.toPrecision(2))))
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

function times(figures: Figures, supposed: Assumptions): string {
  const { beam, greedy, paint } = serviceTimes(figures, supposed)
  const line = (what: string, seconds: number, memory: number): string[] => [
    what,
    `${number(seconds, 1)} s`,
    number(seconds * figures.cores),
    `${number(memory, 1)} GB`,
  ]
  return table(
    ['job', `on ${figures.cores} cores`, 'core-seconds', 'memory of a worker'],
    [
      line(`question about a new picture, answer of ${supposed.answer} tokens, 3 beams`, beam, figures.memory.chat),
      line('the same, greedy', greedy, figures.memory.chat),
      line('picture of 512 x 512, preset `fast`, int8 UNet and VAE', paint, figures.memory.paint),
    ],
  )
}

function fleets(figures: Figures, supposed: Assumptions): string {
  const cells = ({ arrivals, load, workers, cores, memory, cost, costFollowing }: Fleet): string[] => [
    rough(arrivals),
    rough(load),
    number(workers),
    number(cores),
    `${number(memory)} GB`,
    rough(cost),
    rough(costFollowing),
  ]
  const head = [
    'users',
    'jobs',
    'a second at the peak',
    'busy workers',
    'workers',
    'cores',
    'memory',
    'a day',
    'a day, following',
  ]
  const rows = users.flatMap(count => {
    const { chat, paint } = planFor(count, figures, supposed)
    return [
      [number(count), 'chat', ...cells(chat)],
      ['', 'paint', ...cells(paint)],
    ]
  })
  return table(head, rows)
}

function broker(figures: Figures, supposed: Assumptions): string {
  const rows = users.map(count => {
    const { chat, paint, results } = planFor(count, figures, supposed)
    const jobs = chat.arrivals + paint.arrivals
    const tokens = chat.arrivals * supposed.answer
    return [number(count), rough(jobs), rough(tokens), `${rough(results)} GB`, `${rough(results / 6)} GB`]
  })
  const head = ['users', 'jobs a second', 'tokens a second', 'results kept for an hour', 'for ten minutes']
  return table(head, rows)
}

/** The tables of docs/scaling.md by their names. */
export function scalingTables(figures: Figures, supposed: Assumptions = assumptions): Record<string, string> {
  return { times: times(figures, supposed), fleets: fleets(figures, supposed), broker: broker(figures, supposed) }
}

/** The page with its tables made anew, each between `<!-- name -->` and `<!-- /name -->`. @throws Error where there is no place for one */
export function withScalingTables(page: string, figures: Figures): string {
  return Object.entries(scalingTables(figures)).reduce((text, [name, made]) => {
    const between = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`)
    if (!between.test(text)) throw new Error(`the page has no place for the table ${name}`)
    return text.replace(between, (_, before: string, after: string) => `${before}\n${made}\n\n${after}`)
  }, page)
}
