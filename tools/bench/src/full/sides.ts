import { cpmBee10b } from '@viscpm/cpm-bee'
import type { Peer } from '../peer.js'
import { startOurs } from '../peers.js'
import { makePrompt, type Prompt } from '../prompt.js'
import type { Reply } from '../protocol.js'
import { median } from '../statistics.js'
import type { LlamaPeer } from './llama.js'
import { type PeakMemory, watchMemory } from './memory-watch.js'

/** Tokens of context at which decoding is timed. */
export const decodeContext = 200
const questionTokens = 40
/** With 64 of a picture that was seen before. */
export const pictureQuestion: number = 64 + questionTokens
const warmUpSteps = 4
const measuredSteps = 12

/** Milliseconds, and what memory it took. */
export interface SideTimes {
  readonly version: string
  readonly loadMs: number
  readonly decodeMs: number
  readonly prefill128Ms: number
  readonly memory: PeakMemory | undefined
}

export interface OursTimes extends SideTimes {
  readonly threeBeamsMs: number
  readonly prefill104Ms: number
}

export function promptOf(length: number): Prompt {
  return makePrompt(length, cpmBee10b.vocabSize, cpmBee10b.positionBiasNumSegmentBuckets, 5)
}

async function prefillMs(side: Peer, length: number, repeats: number): Promise<number> {
  const prompt = promptOf(length)
  const times: number[] = []
  for (let i = 0; i < repeats; i++) times.push((await side.ask('prefill', { prompt, rows: 1, logits: false })).ms)
  return median(times)
}

async function stepMs(side: Peer, beams: number): Promise<number> {
  const steps = warmUpSteps + measuredSteps
  const prompt = promptOf(decodeContext - warmUpSteps - measuredSteps / 2)
  const request = { prompt, beams, steps, penalty: 1.1, temperature: beams > 1 ? 0.7 : 1 }
  return median((await side.ask('decode', request)).ms.slice(warmUpSteps))
}

async function watched<T>(side: Peer, work: () => Promise<T>): Promise<T & { memory: PeakMemory | undefined }> {
  const stop = watchMemory(side.pid!)
  try {
    const result = await work()
    return { ...result, memory: stop() }
  } finally {
    stop()
    await side.end()
  }
}

/** Loads and times our side, in a process of its own. Prefills are the median of `repeats`. */
export function timeOurs(folder: string, threads: number, repeats: number): Promise<OursTimes> {
  const side = startOurs()
  return watched(side, async () => {
    const { version } = await side.ask('info', { threads })
    const { ms: loadMs } = await side.ask('loadLanguage', { folder, threads })
    await prefillMs(side, 16, 1)
    return {
      version,
      loadMs,
      prefill128Ms: await prefillMs(side, 128, repeats),
      prefill104Ms: await prefillMs(side, pictureQuestion, repeats),
      decodeMs: await stepMs(side, 1),
      threeBeamsMs: await stepMs(side, 3),
    }
  })
}

/** Only loads, in a process of its own. */
export async function timeLoad(folder: string, threads: number): Promise<number> {
  const side = startOurs()
  try {
    await side.ask('info', { threads })
    return (await side.ask('loadLanguage', { folder, threads })).ms
  } finally {
    await side.end()
  }
}

export interface LongAnswer {
  readonly memory: PeakMemory | undefined
  /** Of the last steps. */
  readonly stepMs: number
  readonly tokens: number
}

/** A question about a picture and three beams of answer until `tokens` are there: what it takes in memory. */
export function timeLongAnswer(folder: string, threads: number, tokens: number): Promise<LongAnswer> {
  const side = startOurs()
  return watched(side, async () => {
    await side.ask('info', { threads })
    await side.ask('loadLanguage', { folder, threads })
    const steps = tokens - pictureQuestion
    const request = { prompt: promptOf(pictureQuestion), beams: 3, steps, penalty: 1.1, temperature: 0.7 }
    const { ms } = await side.ask('decode', request)
    return { stepMs: median(ms.slice(-measuredSteps)), tokens }
  })
}

/** The whole chat about a picture. */
export interface PictureTalk extends Reply<'pictureTalk'> {
  readonly memory: PeakMemory | undefined
}

/**
 * Loads a whole VisCPM-Chat in a process of its own and talks about a picture; see `pictureTalk`. An answer at length, where
 * `tokens` asks for one, is with what takes the least memory.
 */
export function timePictureTalk(folder: string, threads: number, tokens?: number): Promise<PictureTalk> {
  const side = startOurs()
  const long = tokens === undefined ? { small: false } : { small: true, tokens }
  return watched(side, () => side.ask('pictureTalk', { folder, threads, beams: 3, questionTokens, ...long }))
}

export function timeLlama(peer: LlamaPeer, model: string, threads: number, repeats: number): Promise<SideTimes> {
  const side = peer.start()
  return watched(side, async () => {
    const { version } = await side.ask('info', { threads })
    const { ms: loadMs } = await side.ask('load', { folder: model, threads })
    await prefillMs(side, 16, 1)
    return {
      version,
      loadMs,
      prefill128Ms: await prefillMs(side, 128, repeats),
      decodeMs: await stepMs(side, 1),
    }
  })
}
