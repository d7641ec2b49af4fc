import { findModel } from '@viscpm/chat/node'
import { InsufficientMemoryError, InvalidArgumentError } from '@viscpm/core'
import {
  chatFacts,
  chatWays,
  leastOf,
  longestTalk,
  type MemoryOption,
  paintFacts,
  paintWays,
  parseMemory,
  referenceMachine,
  type Way,
} from '@viscpm/core/cost'
import { openCheckpoint } from '@viscpm/core/node'
import { detectCheckpoint } from '@viscpm/core/weights'
import { findPainter } from '@viscpm/paint/node'
import type { JobRequest } from '../jobs/types.js'

/** Threads beyond which one run gains little: the rest of the cores serves further copies of the model. */
const usefulThreads = 8
/** Share of the free memory that is left alone: predictions are good to 15 %. */
const left = 0.15

export interface SlotsRequest {
  /** Bytes that one copy of all models takes while it works. */
  readonly needed: number
  /** Bytes that this process may still take. */
  readonly free: number
  readonly cores: number
  /** Threads of a run. Default: all cores, at most 8. */
  readonly threads?: number | undefined
  /** So many are wanted. Default: as many as the cores can use and the memory holds. */
  readonly concurrency?: number | undefined
}

export interface Slots {
  /** Copies of the models, and jobs of each model at once. */
  readonly concurrency: number
  /** Threads of each. */
  readonly threads: number
}

/**
 * How many jobs a worker does at once. Each needs a copy of its model: a run blocks its process.
 * @throws InsufficientMemoryError where more are wanted than there is memory for
 */
export function slotsFor({ needed, free, cores, threads, concurrency }: SlotsRequest): Slots {
  if (concurrency !== undefined && (!Number.isInteger(concurrency) || concurrency < 1))
    throw new InvalidArgumentError({ argument: 'concurrency', message: 'must be a whole number of at least 1' })
  const room = Math.max(1, Math.floor((free * (1 - left)) / needed))
  if (concurrency !== undefined && concurrency > room)
    throw new InsufficientMemoryError({
      message: `${concurrency} jobs at once need ${gb(concurrency * needed)}, ${gb(free)} are free`,
      hint: `With --concurrency ${room} it fits.`,
      needed: concurrency * needed,
      available: free,
    })
  const each = threads ?? Math.max(1, Math.min(usefulThreads, Math.floor(cores / (concurrency ?? 1))))
  return { concurrency: concurrency ?? Math.max(1, Math.min(room, Math.floor(cores / each))), threads: each }
}

const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

/**
 * Bytes that a model takes while it works, by the cost model: a chat with its longest answer, a painter with an ordinary picture. Of
 * its files only the headers are read.
 * @throws what finding the model throws
 */
export async function neededMemory(where: string, kind: JobRequest['kind'], memory?: MemoryOption): Promise<number> {
  const wanted = memory === undefined ? 'normal' : parseMemory(memory)
  if (typeof wanted === 'number') return wanted
  const ways = kind === 'chat' ? await waysOfChat(where) : await waysOfPainter(where)
  // 'auto' takes what is free: a second copy would take it from the first.
  if (wanted === 'auto') return Number.POSITIVE_INFINITY
  if (wanted === 'low') return leastOf(ways).cost.memory
  return leastOf(ways.filter(({ loss, cost: _, mode }) => !loss && !mode.saves)).cost.memory
}

/** Whether a way saves memory at the price of time: not without being asked. */
interface Saving {
  readonly saves: boolean
}

async function waysOfChat(where: string): Promise<Way<Saving>[]> {
  const source = await openCheckpoint((await findModel(where)).weights)
  try {
    const facts = chatFacts(source, detectCheckpoint(source))
    const ways = chatWays(facts, referenceMachine, longestTalk)
    return ways.map(way => ({ ...way, mode: { saves: way.mode.releaseVision } }))
  } finally {
    await source.close()
  }
}

async function waysOfPainter(where: string): Promise<Way<Saving>[]> {
  const files = await findPainter(where)
  const paths = [files.weights, files.languageModel ?? files.weights, files.vae.weights]
  const sources = await Promise.all(paths.map(path => openCheckpoint(path)))
  try {
    const [painter, language, vae] = sources
    const part = (source: (typeof sources)[number]) => ({ source, report: detectCheckpoint(source) })
    const facts = paintFacts({ painter: part(painter!), language: part(language!), vae: vae! })
    return paintWays(facts, referenceMachine).map(way => ({ ...way, mode: { saves: way.mode.memory === 'low' } }))
  } finally {
    await Promise.all(sources.map(source => source.close()))
  }
}
