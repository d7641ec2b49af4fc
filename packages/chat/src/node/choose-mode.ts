import type { SessionOptions } from '@viscpm/core'
import { type ChatFacts, type ChatMode, chooseChatMode, type MemoryOption, usualCache } from '@viscpm/core/cost'
import { computesOnCpu, memoryFor } from '@viscpm/core/node'
import { originalDecoding } from '../config.js'
import type { DecodingOptions } from '../types.js'

export interface MemoryOptions {
  /**
   * How much memory may be taken: 'auto' (what is free), a size ('6g', bytes), 'low' (as little as can be) or 'normal'. With a size a
   * longest answer fits, with 3 hypotheses; the cache becomes inexact only where nothing else fits. Default: as the other options
   * say, refused where that clearly cannot fit.
   */
  readonly memory?: MemoryOption
}

/** Tokens of the instruction, the picture and a question. */
const prompt = 216

/**
 * Settles how a model is kept in memory; nothing of it is read.
 * @param keepHalf what is done where nothing is said
 * @throws InsufficientMemoryError when it does not fit; InvalidArgumentError
 */
export function chooseMode(
  where: string,
  facts: ChatFacts,
  keepHalf: boolean,
  options: MemoryOptions & SessionOptions & Partial<ChatMode>,
  generation: DecodingOptions = {},
): ChatMode {
  const { releaseVision, kvCache, memory } = options
  const { maxNewTokens, beamSize } = { ...originalDecoding, ...generation }
  const beams = (generation.decoding ?? 'beam') === 'beam' ? beamSize : 1
  const exact = !computesOnCpu(options) || options.computeDtype === 'float16'
  const talk = { prompt, answer: maxNewTokens, beams }
  return chooseChatMode(facts, talk, {
    model: where,
    memory,
    machine: memoryFor(options, memory),
    fixed: { keepHalf: options.keepHalf, releaseVision, kvCache },
    normal: { keepHalf, releaseVision: false, kvCache: exact ? 'float32' : usualCache(facts.language) },
  })
}
