import { cpmBee10b } from '@viscpm/cpm-bee'
import { spread } from '../statistics.js'
import type { PeakMemory } from './memory-watch.js'
import { type FullRow, scored } from './row.js'
import { type FullRun, gigabytes } from './rows.js'
import type { LongAnswer, PictureTalk } from './sides.js'

/** A talk about a picture; without a vision tower, as far as the language model goes. */
export interface TalkTimes {
  /** With the defaults, up to the first token. */
  readonly short?: PictureTalk
  readonly long?: PictureTalk | LongAnswer
}

export function chatRows(runs: readonly FullRun[], { short, long }: TalkTimes, layers: number): FullRow[] {
  // Fewer layers say nothing about the whole model.
  const whole = layers === cpmBee10b.numLayers
  return [...firstToken(runs, short), ...(long ? longAnswer(long, whole) : [])]
}

function firstToken(runs: readonly FullRun[], talk: PictureTalk | undefined): FullRow[] {
  const goal = { floor: 5, aim: 5, better: 'lower' } as const
  const bound = 'prefill: every token of picture and question goes through all layers'
  if (talk === undefined) {
    const seconds = runs.map(({ ours }) => (ours.prefill104Ms + ours.decodeMs) / 1000)
    const what = 'first token, 64 + 40 tokens: prefill and a step of the language model alone'
    return [scored({ what, unit: 's', goal, bound }, seconds, seconds)]
  }
  const { visionMs, firstTokenMs, promptTokens, imageTokens, memory } = talk
  const seconds = [firstTokenMs / 1000]
  const what = `first token, picture seen before, 40-token question (${promptTokens} tokens, ${imageTokens} of them the picture)`
  return [
    scored({ what, unit: 's', goal, bound }, seconds, seconds),
    { what: 'first sight of a picture', ours: spread([visionMs / 1000]), unit: 's' },
    ...(memory ? peakRows('peak memory, chat with its defaults, up to the first token', memory) : []),
  ]
}

function longAnswer(long: PictureTalk | LongAnswer, whole: boolean): FullRow[] {
  const { memory } = long
  const [tokens, which, step] =
    'promptTokens' in long
      ? [
          long.promptTokens + long.answerTokens!,
          'chat, picture included, cache int8, vision tower released after use',
          { what: `mean step of 3 beams over ${long.answerTokens} tokens`, ms: long.decodeMs! / long.answerTokens! },
        ]
      : [
          long.tokens,
          'the language model alone, cache float32',
          { what: `step of 3 beams at ${long.tokens} tokens`, ms: long.stepMs },
        ]
  return [
    ...(memory ? peakRows(`peak memory, ${which}, 3 beams, ${tokens} tokens`, memory, whole) : []),
    { what: step.what, ours: spread([step.ms]), unit: 'ms' },
  ]
}

function peakRows(what: string, { resident, anonymous }: PeakMemory, withGoal = false): FullRow[] {
  const peak = [gigabytes(resident)]
  return [
    scored(
      {
        ...{ what, unit: 'GB' },
        ...(withGoal && { goal: { floor: 7, aim: 6.5, better: 'lower' } }),
        bound: 'packed weights, 5.3 GB of them the language model’s; keys and values in float32 are 3.1 MB a token',
      },
      peak,
      peak,
    ),
    { what: 'of that the process’s own', ours: spread([gigabytes(anonymous)]), unit: 'GB' },
  ]
}
