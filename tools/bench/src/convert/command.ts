import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cpmBee10b } from '@viscpm/cpm-bee'
import { beit3Large } from '@viscpm/qformer'
import { describeMachine } from '../machine.js'
import { writeSynthChat } from '../synth/models.js'
import { type ConvertRun, convertTable, measureConversion } from './measure.js'

const usage = `pnpm bench convert [--source FILE] [--layers N] [--dtype NAME[,NAME]] [--runs N] [--workers N] [--in DIR] [--json FILE]

Measures converting a checkpoint against what the same disk reads and writes in the same run. The source is read from the disk:
the system's cache is emptied before (as root; else take a source larger than the memory). Results are deleted.
--source   a checkpoint; default: random weights with --layers layers, made and deleted
--layers   default 12: 5.7 GB
--dtype    int4, int8, fp16 (default int4,fp16)
--runs     default 3
--workers  threads that convert (default: as viscpm quantize)
--in       where random weights go (default: the system's temporary folder)
--json     also write all numbers to FILE`

const dtypes = ['int4', 'int8', 'fp16'] as const

function whole(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1, not ${text}`)
  return value
}

function chosen(text = 'int4,fp16'): (typeof dtypes)[number][] {
  return text.split(',').map(name => {
    const found = dtypes.find(dtype => dtype === name)
    if (!found) throw new Error(`--dtype takes ${dtypes.join(', ')}, not ${name}`)
    return found
  })
}

/** `pnpm bench convert ...` @returns the exit code */
export async function convert(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ source: text, layers: text, dtype: text, runs: text, workers: text, in: text, json: text },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const wanted = chosen(values.dtype)
  const rounds = whole('runs', values.runs, 3)
  const workers = values.workers === undefined ? undefined : whole('workers', values.workers, 1)
  const layers = whole('layers', values.layers, 12)
  const folder = await mkdtemp(join(values.in ?? tmpdir(), 'viscpm-convert-'))
  const runs: ConvertRun[] = []
  try {
    const vision = { ...beit3Large, numLayers: Math.min(layers, beit3Large.numLayers) }
    const file =
      values.source ?? (await writeSynthChat(folder, { llm: { ...cpmBee10b, numLayers: layers }, vision })).file
    for (let i = 0; i < rounds; i++)
      for (const dtype of wanted) {
        const run = await measureConversion(file, dtype, workers)
        console.error(`${dtype}: ${run.seconds.toFixed(1)} s${run.cold ? '' : ' (the cache could not be emptied)'}`)
        runs.push(run)
      }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const machine = await describeMachine(1)
  console.log(`
${new Date().toISOString().slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, node ${machine.node}
Medians of ${rounds}. MB/s: of the source. Of the slower: that, of what the disk reads or writes, whichever is less. Of both: the time
that the disk alone takes to read the source or to write the result, whichever is longer, of the time it took. Of plain i/o: the time
that reading the one and writing as much as the other take at once, nothing being computed, of the time it took.

${convertTable(runs)}`)
  if (values.json) await writeFile(values.json, `${JSON.stringify({ machine, runs }, null, 2)}\n`)
  return 0
}
