import { coefficients } from './coefficients.js'
import type { ChatFacts } from './facts.js'
import {
  type CacheKind,
  cacheBytes,
  languageBytes,
  loadSeconds,
  mappedBytes,
  passBytes,
  passSeconds,
  readBytes,
  residentBytes,
  stepSeconds,
} from './language.js'
import type { Machine } from './machine.js'
import { type Cost, costOf, type StageCost } from './types.js'

const { memory, seconds } = coefficients

/** Weights of the published vision part. */
const publishedVision = 6.3e8

/** How a chat is kept in memory. */
export interface ChatMode {
  /** Half-precision weights stay half, mapped from the file, and are widened as they are used. */
  readonly keepHalf: boolean
  /** The vision part is there only while a new picture is looked at. */
  readonly releaseVision: boolean
  readonly kvCache: CacheKind
}

export interface Talk {
  /** Tokens of the question, its history and the picture. */
  readonly prompt: number
  /** Tokens of the answer. */
  readonly answer: number
  readonly beams: number
}

/** A question about a picture and its answer, 600 tokens of three hypotheses together. */
export const ordinaryTalk: Talk = { prompt: 216, answer: 128, beams: 3 }

/** What a chat takes. */
export function chatCost(
  { language, vision, visionRows }: ChatFacts,
  { keepHalf, releaseVision, kvCache }: ChatMode,
  machine: Machine,
  talk: Talk = ordinaryTalk,
): Cost {
  const llm = languageBytes(language, keepHalf)
  // What is released is mapped, not widened.
  const halfEyes = keepHalf || releaseVision
  const seen = residentBytes(vision, halfEyes)
  const base = memory.program + llm.resident
  const kept = base + (releaseVision ? 0 : seen)
  const mapped = mappedBytes(language, keepHalf)
  const mappedToo = mappedBytes(vision, halfEyes)
  const visionLoad = loadSeconds(vision, halfEyes, machine)
  const cached = cacheBytes(language, talk.prompt + talk.beams * talk.answer, kvCache)
  const working = readBytes(language, talk.prompt, kvCache)
  const step = stepSeconds(language, talk, kvCache, keepHalf, machine)
  const read = passSeconds(language, talk.prompt, keepHalf, machine)
  const see: StageCost = {
    stage: 'see',
    memory: base + seen + passBytes(vision, publishedVision),
    mapped: mapped + mappedToo,
    seconds: passSeconds(vision, visionRows, halfEyes, machine) + (releaseVision ? visionLoad : 0),
  }
  const stages: StageCost[] = [
    {
      stage: 'load',
      // The vision part comes when the language model is there.
      memory: Math.max(base + llm.loading, kept),
      mapped: mapped + (releaseVision ? 0 : mappedToo),
      seconds: seconds.start + loadSeconds(language, keepHalf, machine) + (releaseVision ? 0 : visionLoad),
    },
    ...(vision.bytes > 0 ? [see] : []),
    { stage: 'read', memory: kept + working, mapped: mapped + (releaseVision ? 0 : mappedToo), seconds: read },
    {
      stage: 'answer',
      // The arena keeps what reading took.
      memory: kept + Math.max(working, memory.kept * working + memory.grownCache * cached),
      mapped: mapped + (releaseVision ? 0 : mappedToo),
      seconds: talk.answer * step,
    },
  ]
  return { ...costOf(stages), tokensPerSecond: 1 / step }
}

/** The ways a chat can be kept, exact ones first. What has no halves keeps none, what does not see releases nothing. */
export function chatModes({ language, vision }: ChatFacts): ChatMode[] {
  const halves = language.half + vision.half > 0 ? [false, true] : [false]
  const releases = vision.bytes > 0 ? [false, true] : [false]
  const kinds: readonly CacheKind[] = ['float32', 'float16', 'int8']
  return kinds.flatMap(kvCache =>
    halves.flatMap(keepHalf => releases.map(releaseVision => ({ keepHalf, releaseVision, kvCache }))),
  )
}
