import { beamSearch, type Generation, type LanguageModel } from '@viscpm/cpm-bee'
import { type Prompt, toBatch } from '../prompt.js'
import type { Reply } from '../protocol.js'
import { median } from '../statistics.js'
import { Clock } from './clock.js'

/** Beam search after a prompt: the time of its steps, and the most bytes that the cache took. */
export async function keyValues(
  model: LanguageModel,
  prompt: Prompt,
  beams: number,
  steps: number,
): Promise<Reply<'keyValues'>> {
  let generation: Generation | undefined
  let bytes = 0
  const watched: LanguageModel = {
    vocabSize: model.vocabSize,
    prefill: async (...given) => {
      generation = await model.prefill(...given)
      return generation
    },
  }
  const laps: number[] = []
  const clock = new Clock()
  await beamSearch(watched, toBatch(prompt, model.vocabSize), {
    tokens: { bosId: prompt.bosId, eosId: -1, unkId: 0 },
    beamSize: beams,
    repetitionPenalty: 1.1,
    maxLength: steps - 2,
    onProgress: () => {
      laps.push(clock.lap().ms)
      bytes = Math.max(bytes, generation!.cacheBytes ?? 0)
    },
  })
  return { ms: median(laps.slice(3)), bytes }
}
