import { parseArgs } from 'node:util'

export const groupNames = ['language-tiny', 'language-mid', 'vision', 'tokenizer', 'chat', 'event-loop'] as const
export type GroupName = (typeof groupNames)[number]

export interface BenchOptions {
  readonly only: readonly GroupName[]
  readonly runs: number
  readonly threads: number
  readonly torch: boolean
  /** Where the results go as JSON. */
  readonly json: string | undefined
}

export const usage: string = `pnpm bench [--only NAME[,NAME]] [--runs N] [--threads N] [--json FILE] [--no-torch]

Measures this project against the same models in PyTorch (python3 with torch), in turns on the same machine.
Names: ${groupNames.join(', ')}
--runs     runs of each measurement, each in new processes (default 5)
--threads  threads of both sides (default: cores, at most 8)
--json     also write all numbers to FILE (default bench.json in the system's temporary folder)
--no-torch measure this project alone`

/** @returns undefined where help was asked for. @throws Error saying what is wrong */
export function parseOptions(args: readonly string[], cores: number): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      only: { type: 'string' },
      runs: { type: 'string' },
      threads: { type: 'string' },
      json: { type: 'string' },
      torch: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  const only = values.only?.split(',') ?? [...groupNames]
  const unknown = only.filter(name => !(groupNames as readonly string[]).includes(name))
  if (unknown.length > 0) throw new Error(`nothing is called ${unknown.join(', ')}; known: ${groupNames.join(', ')}`)
  return {
    only: only as GroupName[],
    runs: positive('runs', values.runs, 5),
    threads: positive('threads', values.threads, Math.min(cores, 8)),
    torch: values.torch ?? true,
    json: values.json,
  }
}

function positive(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1, not ${text}`)
  return value
}
