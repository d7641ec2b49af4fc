import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { figuresOf } from './figures.js'
import { assumptions } from './plan.js'
import { scalingTables, withScalingTables } from './tables.js'

const usage = `pnpm bench scale [--questions N] [--pictures N] [--peak X] [--answer TOKENS] [--price X] [--figures docs/performance.md]
pnpm bench scale --tables docs/scaling.md

How many workers how many users need, from what was measured of the published models.
--questions, --pictures  of each user and day; default ${assumptions.questions} and ${assumptions.pictures}
--peak     how many times the average comes in the busiest hour; default ${assumptions.peak}
--answer   tokens of an answer; default ${assumptions.answer}
--price    of a core for an hour; default ${assumptions.corePrice}
--tables   write the tables of that page anew, with the defaults`

/** `pnpm bench scale ...` @returns the exit code */
export async function scale(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ questions: text, pictures: text, peak: text, answer: text, price: text, tables: text },
      figures: { ...text, default: 'docs/performance.md' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const figures = figuresOf(await readFile(values.figures, 'utf8'))
  if (values.tables !== undefined) {
    await writeFile(values.tables, withScalingTables(await readFile(values.tables, 'utf8'), figures))
    return 0
  }
  const given = (name: 'questions' | 'pictures' | 'peak' | 'answer' | 'price', usual: number): number => {
    const value = values[name] === undefined ? usual : Number(values[name])
    if (!(value > 0)) throw new Error(`--${name} must be a number above 0, not ${values[name]}`)
    return value
  }
  const supposed = {
    ...assumptions,
    questions: given('questions', assumptions.questions),
    pictures: given('pictures', assumptions.pictures),
    peak: given('peak', assumptions.peak),
    answer: given('answer', assumptions.answer),
    corePrice: given('price', assumptions.corePrice),
  }
  for (const table of Object.values(scalingTables(figures, supposed))) console.log(`${table}\n`)
  return 0
}
