import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchOptions } from '../options.js'
import { memoryReader } from './bandwidth.js'
import { chatRows, type TalkTimes } from './chat-rows.js'
import { keyValueRows } from './key-value-rows.js'
import { oneRun } from './one-run.js'
import { writeQuantizedModel } from './quantized-model.js'
import type { FormatTimes, FullReport } from './report.js'
import { type FullRun, languageRows } from './rows.js'
import { scalingOf } from './scaling-rows.js'
import { type OursTimes, timeLongAnswer, timeOurs, timePictureTalk } from './sides.js'
import { fullConfig, modelFormats } from './sizes.js'
import { llamaWith, openSubject, type Subject, subjectOf } from './subject.js'
import { withTemporaryFolder } from './temporary-folder.js'

/** After this no further run is begun; what is left out is said in the report. */
const budgetMs = 20 * 60_000
const longAnswerTokens = 600
const formatLayers = 4

type Log = (text: string) => void

/** The published chat at full size against llama.cpp, PyTorch and the machine. Removes what it wrote. */
export function measureChatFull(options: BenchOptions, log: Log): Promise<FullReport> {
  return withTemporaryFolder('viscpm-bench-full-', folder => measure(options, folder, log))
}

async function measure(options: BenchOptions, folder: string, log: Log): Promise<FullReport> {
  const { runs, threads, layers, chatModel, python, peers } = options
  const reader = await memoryReader(folder, log)
  const subject = await subjectOf(folder, layers, chatModel, log)
  const peer =
    peers === undefined ? { missing: 'not asked for' } : await llamaWith(peers, folder, python, subject.config, log)
  const started = performance.now()
  const left = () => budgetMs - (performance.now() - started)
  const notes = [`The model: ${subject.origin}.`]
  const measured: FullRun[] = []
  let single: { times: OursTimes; gbPerSecond: number } | undefined
  let formats: FormatTimes[] = []
  let talk: TalkTimes = {}
  for (let run = 0; run < runs; run++) {
    const before = performance.now()
    measured.push(await oneRun(subject, run, threads, reader, peer, options, log))
    const took = performance.now() - before
    log(`run ${run + 1} of ${runs}: ${(took / 1000).toFixed(0)} s`)
    if (run === 0) {
      if (threads > 1) single = { times: await timeOurs(subject.folder, 1, 1), gbPerSecond: await reader.read(1) }
      formats = await timeFormats(folder, threads, log)
      talk = await timeTalk(subject, threads, measured[0]!, left(), notes)
      log('talk about a picture: done')
    }
    if (run + 1 < runs && took * 1.1 > left()) {
      notes.push(`${run + 1} instead of ${runs} runs: more would take longer than ${budgetMs / 60_000} minutes.`)
      break
    }
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    versions: {
      ours: measured[0]!.ours.version,
      llama: 'missing' in peer ? `not measured: ${peer.missing}` : measured[0]!.llama!.version,
      torch: measured[0]!.torch?.version ?? 'not measured',
    },
    threads,
    layers: subject.config.numLayers,
    sizes: { fileBytes: subject.fileBytes, bytesPerStep: subject.bytesPerStep },
    memoryMethod: reader.method,
    runs: measured,
    rows: [
      ...languageRows(measured, subject),
      ...chatRows(measured, talk, subject.config.numLayers),
      ...keyValueRows(),
    ],
    formats,
    scaling: scalingOf(measured, subject, threads, single),
    notes,
  }
}

/** The whole chat where there is a vision tower, else the language model; the long answer if there is time for it. */
async function timeTalk(
  { folder, chat }: Subject,
  threads: number,
  { ours }: FullRun,
  leftMs: number,
  notes: string[],
): Promise<TalkTimes> {
  const longMs = ours.threeBeamsMs * longAnswerTokens * 1.3 + ours.loadMs
  const tokens = longMs < leftMs ? longAnswerTokens : undefined
  if (tokens === undefined)
    notes.push(`No answer of ${longAnswerTokens} tokens: it would take ${(longMs / 60_000).toFixed(0)} minutes.`)
  if (chat) {
    const short = await timePictureTalk(folder, threads)
    return { short, ...(tokens !== undefined && { long: await timePictureTalk(folder, threads, tokens) }) }
  }
  notes.push('Without a vision tower: memory and first token are those of the language model alone.')
  return tokens === undefined ? {} : { long: await timeLongAnswer(folder, threads, tokens) }
}

/** Every way to store the weights, with few layers. */
async function timeFormats(folder: string, threads: number, log: Log): Promise<FormatTimes[]> {
  const found: FormatTimes[] = []
  for (const [format, how] of Object.entries(modelFormats)) {
    const at = join(folder, 'format')
    await writeQuantizedModel(at, fullConfig(formatLayers), how, 1)
    const { bytesPerStep } = await openSubject(at, format)
    const { decodeMs, threeBeamsMs, prefill128Ms } = await timeOurs(at, threads, 3)
    found.push({ format, layers: formatLayers, bytesPerStep, decodeMs, threeBeamsMs, prefill128Ms })
    await rm(at, { recursive: true, force: true })
    log(`${format}, ${formatLayers} layers: ${decodeMs.toFixed(0)} ms`)
  }
  return found
}
