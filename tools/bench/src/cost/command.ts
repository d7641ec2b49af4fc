import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { findModel } from '@viscpm/chat/node'
import type { MeasuredChat, MeasuredPaint, Measurements } from '@viscpm/core/cost'
import { chatFacts, paintFacts, partFacts } from '@viscpm/core/cost'
import { createHost, measureMachine, openCheckpoint } from '@viscpm/core/node'
import { detectCheckpoint } from '@viscpm/core/weights'
import { findPainter } from '@viscpm/paint/node'
import { parseVaeConfig, sdVaeConfig, vaeScale } from '@viscpm/unet-sampler'
import { withTemporaryFolder } from '../full/temporary-folder.js'
import { withTables } from './docs-table.js'
import type { ChatMeasured, CostRunner, PaintMeasured } from './hosted.js'
import { folderOf, type Subject, subjects } from './subjects.js'

const usage = `pnpm bench cost [--only NAME[,NAME]] [--threads N] [-o FILE]
pnpm bench cost --tables docs/memory.md

Measures what the cost model predicts: memory and time of every stage, for models of the published widths with few layers and random
weights, which are made and deleted: 9 GB of disk, 8 GB of memory, about 10 minutes.
--only     beginnings of ${subjects.map(({ name }) => name).join(', ')}
--threads  default: cores
--tables   measure nothing: write the tables of that page anew
-o         also write all numbers to FILE: packages/core/src/cost/fixtures/measured.json is what the tests compare with`

/** `pnpm bench cost ...` @returns the exit code */
export async function cost(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ only: text, threads: text, tables: text, output: { ...text, short: 'o' } as const },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  if (values.tables !== undefined) {
    const page = await readFile(values.tables, 'utf8')
    await writeFile(values.tables, withTables(page))
    return 0
  }
  const asked = values.only?.split(',')
  const wanted = subjects.filter(({ name }) => !asked || asked.some(start => name.startsWith(start)))
  if (wanted.length === 0) throw new Error(`nothing begins with ${values.only}`)
  const threads = Number(values.threads ?? availableParallelism())
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
  const found: { -readonly [K in keyof Measurements]: Measurements[K] } = {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${cpus()[0]?.model ?? 'unknown'}, ${threads} threads`,
    runtime: `onnxruntime-node ${version}, node ${process.versions.node}`,
    facts: {},
    runs: [],
  }
  for (const subject of wanted) {
    await withTemporaryFolder('viscpm-cost-', async folder => {
      const model = folderOf(folder, subject)
      await subject.write?.(model)
      found.facts = { ...found.facts, [subject.name]: await factsOf(subject, model) }
      for await (const run of measured(subject, model, threads)) {
        found.runs = [...found.runs, run]
        // After each: what takes long may be stopped.
        if (values.output) await writeFile(values.output, `${JSON.stringify(found, null, 1)}\n`)
      }
    })
  }
  return 0
}

async function factsOf({ kind }: Subject, folder: string): Promise<Measurements['facts'][string]> {
  if (kind === 'chat') {
    const source = await openCheckpoint((await findModel(folder)).weights)
    const facts = chatFacts(source, detectCheckpoint(source))
    await source.close()
    return { chat: facts }
  }
  const files = await findPainter(folder)
  const [source, vae] = [await openCheckpoint(files.weights), await openCheckpoint(files.vae.weights)]
  const painter = { source, report: detectCheckpoint(source) }
  const shared = files.languageModel && (await openCheckpoint(files.languageModel))
  const language = shared ? { source: shared, report: detectCheckpoint(shared) } : painter
  const ranker = files.ranker && (await openCheckpoint(files.ranker))
  const facts = { ...paintFacts({ painter, language, vae }), ...(ranker && { ranker: partFacts(ranker) }) }
  for (const one of [source, vae, shared, ranker]) if (one) await one.close()
  return { paint: facts }
}

const module = new URL(import.meta.url.endsWith('.ts') ? './hosted.ts' : './hosted.js', import.meta.url)

/** Every run of a model, each in a process of its own, each beside what the machine can do at that moment. */
async function* measured(
  subject: Subject,
  folder: string,
  threads: number,
): AsyncGenerator<Measurements['runs'][number]> {
  const around = async () => {
    const { weights: file } = await (subject.kind === 'paint' ? findPainter(folder) : findModel(folder))
    const weights = await openCheckpoint(file)
    const machine = await measureMachine({ weights, threads })
    await weights.close()
    return { model: subject.name, machine, load: loadavg()[0]! }
  }
  const inProcess = async <T>(method: 'chat' | 'paint', run: unknown): Promise<T> => {
    const host = await createHost<CostRunner>({ module, kind: 'process' })
    try {
      return (await host.call(method, [folder, run, threads] as never)) as T
    } finally {
      await host.dispose()
    }
  }
  for (const run of subject.chats) {
    const now = await around()
    const { stages, prompt, steps, step } = await inProcess<ChatMeasured>('chat', run)
    const talk = { prompt, answer: steps, beams: run.beams }
    const one: MeasuredChat = { ...now, kind: 'chat', mode: run.mode, talk, stages, secondsPerStep: step }
    yield shown(one)
  }
  for (const run of subject.paints) {
    const now = await around()
    const { stages } = await inProcess<PaintMeasured>('paint', run)
    const { side, steps, batch } = run
    const painting = { width: side, height: side, steps, batch, tokens: 64, scale: await scaleOf(folder) }
    const one: MeasuredPaint = { ...now, kind: 'paint', mode: run.mode, painting, stages }
    yield shown(one)
  }
}

async function scaleOf(folder: string): Promise<number> {
  const { vae } = await findPainter(folder)
  return vaeScale(vae.config ? parseVaeConfig(JSON.parse(await readFile(vae.config, 'utf8'))) : sdVaeConfig)
}

function shown<R extends Measurements['runs'][number]>(run: R): R {
  const stages = run.stages.map(s => `${s.stage} ${(s.memory / 2 ** 20).toFixed(0)} MB ${s.seconds.toFixed(1)} s`)
  console.log(`${run.model} ${JSON.stringify(run.mode)}: ${stages.join(', ')}`)
  return run
}
