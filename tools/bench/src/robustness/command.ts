import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { withTemporaryFolder } from '../full/temporary-folder.js'
import { fillDisks } from './full-disk.js'
import { killConversions } from './kill.js'
import { type CapRow, capCommand, capTable, chatCommand, paintCommand, runCapped } from './memory-caps.js'
import { isGood } from './outcome.js'

const usage = `pnpm bench robustness kill [--points N] [--seed N] [--in DIR]
pnpm bench robustness disk [--in DIR]
pnpm bench robustness memory [--chat DIR] [--paint DIR] [--caps GB[,GB]] [--with COMMAND] [--chat-args "..."] [--paint-args "..."]

Does to the viscpm command what happens to programs, and tells whether it took it well. Exit code 1 when it did not.
kill     SIGKILL at random points of a conversion, then the conversion again: the older model stays and can be used, the result has the
         same bytes as without, nothing is left over. --points: how often (default 200, some ten minutes); --seed: from an earlier run
disk     a disk that is full, or becomes so: conversion, picture, calibration. Only as root: it mounts a small file system
memory   chat and paint under limits (default 4,6,8): they fit or are refused, and are not killed half-way. --with: what sets the limit
         (default '${capCommand}'; with control groups of version 2:
         'systemd-run --user --scope -q -p MemoryMax={bytes} -p MemorySwapMax=0'); --chat-args, --paint-args: more arguments for each
--in     where working folders are made (default: the system's temporary folder)`

/** `pnpm bench robustness ...` @returns the exit code */
export async function robustness(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{ points: text, seed: text, in: text, chat: text, paint: text, caps: text, with: text },
      ...{ 'chat-args': text, 'paint-args': text, help: { type: 'boolean' } },
    },
  })
  const [what] = positionals
  const parts = { kill: killed, disk: filled, memory: capped } as const
  const part = Object.entries(parts).find(([name]) => name === what)?.[1]
  if (values.help || !part) {
    console.log(usage)
    return values.help ? 0 : 2
  }
  // Everything that is started finds its temporary folders there too.
  if (values.in !== undefined) process.env.TMPDIR = values.in
  return withTemporaryFolder('viscpm-robustness-', folder => part(values, folder))
}

type Values = { readonly [name: string]: string | boolean | undefined }

const texts = (value: Values[string]): string[] => (typeof value === 'string' ? value.split(/\s+/).filter(Boolean) : [])

function numberOf(values: Values, name: string, fallback: number): number {
  const value = values[name] === undefined ? fallback : Number(values[name])
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} takes a whole number from 1, not ${values[name]}`)
  return value
}

async function killed(values: Values, folder: string): Promise<number> {
  const points = numberOf(values, 'points', 200)
  const seed = numberOf(values, 'seed', 1 + Math.floor(Math.random() * 1e9))
  console.log(`kill -9 at ${points} points; --seed ${seed}`)
  const onPoint = (point: number, text: string) => console.error(`${point}/${points}  ${text}`)
  const started = performance.now()
  const count = await killConversions({ points, seed, folder, useEvery: 20, onPoint })
  const { older, complete, between } = count
  console.log(`killed ${count.killed} times in ${((performance.now() - started) / 60_000).toFixed(1)} minutes: ${count.aimed} aimed at a moment, ${count.again} while going on with a killed run.
At the destination then: the older model ${older} times, the new one ${complete}, between the two renames ${between}.
Verified, loaded and asked there: ${count.used}. Runs that went on with what was done: ${count.resumed}. Ended before they were killed: ${count.missed}.
Every next run gave the same bytes and left nothing else.`)
  return 0
}

async function filled(_: Values, folder: string): Promise<number> {
  await fillDisks(folder, ({ what, error, message }) => {
    console.log(`${what}: ${error}, ${message.replaceAll(`${folder}/`, '')}`)
  })
  console.log('Nothing half-written was left by the name that was asked for; with room, each of them succeeded.')
  return 0
}

async function capped(values: Values, folder: string): Promise<number> {
  const chat = typeof values.chat === 'string' && chatCommand(values.chat, texts(values['chat-args']))
  const paint =
    typeof values.paint === 'string' && paintCommand(values.paint, join(folder, 'cat.png'), texts(values['paint-args']))
  const commands = [chat, paint].filter(command => command !== false)
  if (commands.length === 0) throw new Error('--chat or --paint names the folder of a model')
  const caps = String(values.caps ?? '4,6,8')
    .split(',')
    .map(Number)
  if (caps.some(cap => !(cap > 0))) throw new Error(`--caps takes gigabytes, as 4,6,8, not ${values.caps}`)
  const by = typeof values.with === 'string' ? values.with : capCommand
  const rows: CapRow[] = []
  for (const command of commands)
    for (const cap of caps) {
      const row = await runCapped(command, cap * 1e9, by)
      console.error(capTable([row]).split('\n').at(-1))
      rows.push(row)
    }
  console.log(`limits by ${by}\n\n${capTable(rows)}`)
  return rows.every(({ outcome }) => isGood(outcome)) ? 0 : 1
}
