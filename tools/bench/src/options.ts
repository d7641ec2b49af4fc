import { parseArgs } from 'node:util'

export const groupNames = [
  'language-tiny',
  'language-mid',
  'vision',
  'tokenizer',
  'chat',
  'event-loop',
  'paint-mid',
  'paint-full',
  'fast',
] as const
export type GroupName = (typeof groupNames)[number]

/** Not measured unless asked for: 3.5 GB on the disk, 8 GB of memory. */
const large: readonly GroupName[] = ['paint-full', 'fast']

export interface BenchOptions {
  readonly only: readonly GroupName[]
  readonly runs: number
  readonly threads: number
  readonly torch: boolean
  /** The Python that has torch, and diffusers for painting. */
  readonly python: string
  /** Where the results go as JSON. */
  readonly json: string | undefined
  /** Folder of a model with another UNet of this size (config.json, model.safetensors), for `fast`. */
  readonly unet: string | undefined
}

export const usage: string = `pnpm bench [--only NAME[,NAME]] [--runs N] [--threads N] [--python PATH] [--json FILE] [--no-torch] [--unet FOLDER]

Measures this project against the same models in PyTorch (python3 with torch; for painting also diffusers), in turns on the
same machine.
Names: ${groupNames.join(', ')}; or their beginnings: language, paint
Default: all but ${large.join(', ')} (3.5 GB in the system's temporary folder, 8 GB of memory)
--runs     runs of each measurement, each in new processes (default 5)
--threads  threads of both sides (default: cores, at most 8)
--python   the Python to compare with (default python3)
--json     also write all numbers to FILE (default bench.json in the system's temporary folder)
--no-torch measure this project alone
--unet     for fast: paint with this folder's model (config.json, model.safetensors) instead of a random one in float32

pnpm bench synth --help    full-size checkpoints of random weights
pnpm bench convert --help  how fast they are quantized`

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
      unet: { type: 'string' },
      python: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  return {
    only: chosen(values.only),
    runs: positive('runs', values.runs, 5),
    threads: positive('threads', values.threads, Math.min(cores, 8)),
    torch: values.torch ?? true,
    python: values.python ?? 'python3',
    json: values.json,
    unet: values.unet,
  }
}

function chosen(text: string | undefined): GroupName[] {
  if (text === undefined) return groupNames.filter(name => !large.includes(name))
  return text.split(',').flatMap(asked => {
    const found = groupNames.filter(name => name === asked || name.startsWith(`${asked}-`))
    if (found.length === 0) throw new Error(`nothing is called ${asked}; known: ${groupNames.join(', ')}`)
    return found
  })
}

function positive(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1, not ${text}`)
  return value
}
