import { parseArgs } from 'node:util'

export interface QualityOptions {
  /** The folder of tools/train-tiny with the judge; undefined: distances only. */
  readonly work: string | undefined
  readonly python: string
  /** Of each prompt. */
  readonly pictures: number
  /** Two of so many prompts are painted: 2 is all. */
  readonly every: number
  readonly wants: (setting: string) => boolean
  readonly threads: number
  /** Where pictures are kept, and found again. */
  readonly keep: string | undefined
  readonly json: string | undefined
  readonly sheet: string | undefined
}

export const usage: string = `pnpm paint-quality [--work DIR] [--only TEXT[;TEXT]] [--pictures N] [--every N] [--keep DIR] [--json FILE] [--sheet FILE]

What the ways of painting faster cost in quality: every setting paints the same prompts from the same seeds with the embedded
painter. Distances to 50 steps of DDPM, and of the same solver, in the features of the embedded picture tower; with --work also
how often the judge of tools/train-tiny has the thing among its first five.
--work      folder of tools/train-tiny with classifier.pt (needs Python with torch, numpy, Pillow)
--python    default python3
--only      settings whose names contain one of these
--pictures  of each prompt (default 1)
--every     paint one scene in N / 2 only, for a first look (default 2: all)
--keep      keep the pictures in DIR: what lies there is not painted again
--threads   default 2
--json      write the figures to FILE
--sheet     write a contact sheet of some settings to FILE, a PNG`

/** @returns undefined where help was asked for. @throws Error saying what is wrong */
export function parseOptions(args: readonly string[]): QualityOptions | undefined {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      work: text,
      python: text,
      only: text,
      pictures: text,
      every: text,
      threads: text,
      keep: text,
      json: text,
      sheet: text,
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  const only = values.only?.split(';')
  return {
    work: values.work,
    python: values.python ?? 'python3',
    pictures: whole('pictures', values.pictures, 1),
    every: whole('every', values.every, 2),
    wants: name => only === undefined || only.some(part => name.includes(part)),
    threads: whole('threads', values.threads, 2),
    keep: values.keep,
    json: values.json,
    sheet: values.sheet,
  }
}

function whole(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1, not ${text}`)
  return value
}
