import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readDevice } from '@viscpm/core/session'
import { cpmBee10b } from '@viscpm/cpm-bee'

export const groupNames = [
  'language-tiny',
  'language-mid',
  'vision',
  'tokenizer',
  'chat',
  'lookup',
  'kv-cache',
  'event-loop',
  'paint-mid',
  'paint-full',
  'fast',
  'paint-int8',
  'full-chat',
  'full-paint',
] as const
export type GroupName = (typeof groupNames)[number]
/** Those that give the table of the published sizes. */
export type FullGroup = 'full-chat' | 'full-paint'

export function isFull(name: GroupName): name is FullGroup {
  return name === 'full-chat' || name === 'full-paint'
}

/** Not measured unless asked for: up to 30 GB on the disk and 10 GB of memory, or nothing to compare with. */
const large: readonly GroupName[] = ['paint-full', 'fast', 'paint-int8', 'full-chat', 'full-paint']

export interface BenchOptions {
  readonly only: readonly GroupName[]
  readonly runs: number
  readonly threads: number
  readonly torch: boolean
  /** Where our side computes; PyTorch's side computes on the CPU. */
  readonly device: string | undefined
  /** The Python that has torch, and diffusers for painting. */
  readonly python: string
  /** full-chat: how many of the 48 layers. */
  readonly layers: number
  /** full-chat: a converted VisCPM-Chat instead of random weights. */
  readonly chatModel: string | undefined
  /** full-paint: folder or file of a whole painter, for the memory of a picture, instead of random weights. */
  readonly paintModel: string | undefined
  /** full-*: a page whose marked part is replaced by the table. */
  readonly docs: string | undefined
  /** full-*: where llama.cpp and OpenVINO are, or will be installed; undefined: without them. */
  readonly peers: string | undefined
  /** Where the results go as JSON. */
  readonly json: string | undefined
  /** Folder of a model with another UNet of this size (config.json, model.safetensors), for `fast`. */
  readonly unet: string | undefined
}

export const usage: string = `pnpm bench [--only NAME[,NAME]] [--runs N] [--threads N] [--python PATH] [--json FILE] [--no-torch]
           [--unet FOLDER] [--device NAME]
           [--layers N] [--chat-model DIR] [--paint-model DIR] [--peers DIR] [--no-llama] [--docs FILE]

Measures this project against the same models in PyTorch (python3 with torch; for painting also diffusers), in turns on the
same machine.
Names: ${groupNames.join(', ')}; or their beginnings: language, paint, full
Default: all but ${large.join(', ')} (up to 30 GB in the system's temporary folder, 10 GB of memory)
--runs     runs of each measurement, each in new processes (default 5; full alone: 3)
--threads  threads of both sides (default: cores, at most 8)
--python   the Python to compare with (default python3)
--json     also write all numbers to FILE (default bench.json in the system's temporary folder)
--no-torch measure without PyTorch
--device   where this project computes: cpu (default), cuda, webgpu, coreml, dml; PyTorch stays on the CPU
--unet     for fast: paint with this folder's model (config.json, model.safetensors) instead of a random one in float32
For full, the table of the published sizes. full-chat: decoding, prefill, loading, memory and a talk about a picture, quantized to int4,
against llama.cpp, PyTorch and the machine itself; full-paint: steps, a picture and its memory, against PyTorch and OpenVINO. What
they need is made and deleted: a checkpoint of random weights in the published format (21 GB), converted; where the disk has no
room for that, the language model alone (11 GB).
--layers   how many of the 48 layers (default 48), for a quick look; times are those of as many
--chat-model   a VisCPM-Chat that 'viscpm quantize' wrote, instead of random weights
--paint-model  a painter that 'viscpm quantize' and 'viscpm calibrate' made, instead of random weights, for the memory
--peers    where llama.cpp (node-llama-cpp, gguf) and OpenVINO are, or will be installed by npm and pip (default
           viscpm-bench-peers in the system's temporary folder; stays there for the next time)
--no-llama measure without them
--docs     also put the table into this page, and the one that stands there into its log (docs/performance.md)

pnpm bench synth --help    full-size checkpoints of random weights
pnpm bench convert --help  how fast they are quantized
pnpm bench cost --help     what the predictions of 'viscpm doctor MODEL' are made from
pnpm bench serve --help    what the server adds to an answer, and an hour of many clients`

/** Options that only the table of the published sizes takes, and for which part of it. */
const fullOptions = {
  layers: ['full-chat'],
  'chat-model': ['full-chat'],
  'paint-model': ['full-paint'],
  peers: ['full-chat', 'full-paint'],
  llama: ['full-chat', 'full-paint'],
  docs: ['full-chat', 'full-paint'],
} as const satisfies Readonly<Record<string, readonly FullGroup[]>>

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
      layers: { type: 'string' },
      'chat-model': { type: 'string' },
      'paint-model': { type: 'string' },
      docs: { type: 'string' },
      peers: { type: 'string' },
      llama: { type: 'boolean' },
      device: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  const only = chosen(values.only)
  for (const [name, groups] of Object.entries(fullOptions))
    if (values[name as keyof typeof fullOptions] !== undefined && !groups.some(group => only.includes(group)))
      throw new Error(`--${name} is for ${groups.join(' and ')}: --only full`)
  if (values.layers !== undefined && values['chat-model'] !== undefined)
    throw new Error('--chat-model has its own number of layers: --layers is for random weights')
  if (values.layers !== undefined && values.docs !== undefined)
    throw new Error('--docs takes the whole model: not with --layers')
  if (values.peers !== undefined && values.llama === false) throw new Error('--peers and --no-llama exclude each other')
  const layers = positive('layers', values.layers, cpmBee10b.numLayers)
  if (layers > cpmBee10b.numLayers) throw new Error(`--layers takes at most ${cpmBee10b.numLayers}, not ${layers}`)
  return {
    only,
    layers,
    chatModel: values['chat-model'],
    paintModel: values['paint-model'],
    docs: values.docs,
    peers: values.llama === false ? undefined : (values.peers ?? join(tmpdir(), 'viscpm-bench-peers')),
    runs: positive('runs', values.runs, only.every(isFull) ? 3 : 5),
    threads: positive('threads', values.threads, Math.min(cores, 8)),
    torch: values.torch ?? true,
    python: values.python ?? 'python3',
    json: values.json,
    unet: values.unet,
    device: values.device === undefined ? undefined : readDevice(values.device, '--device'),
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
