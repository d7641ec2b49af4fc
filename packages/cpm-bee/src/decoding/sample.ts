import { TorchGenerator } from '@viscpm/core/random'
import type { PackedBatch } from '@viscpm/tokenizer'
import type { LanguageModel } from '../engine.js'
import { AnswerSlots, type AnswerState } from './answer-state.js'
import { Drafter } from './drafter.js'
import { LogitRow } from './logit-row.js'
import { lookupOf } from './lookup-options.js'
import {
  checkSampleOptions,
  type DecodeInputs,
  type GreedyOptions,
  type SampleOptions,
  type SampleSettings,
} from './options.js'
import { fedIds } from './path.js'
import { type AnswerToken, checkInputs, type Decoded, inputKeys, withGeneration } from './run.js'
import { TopFilter } from './top-filter.js'

type Choose = (row: LogitRow) => number

/**
 * Draws every token from the model's distribution: penalty, temperature, top-k, top-p, min-p, in this order.
 * Samples of the batch one after another; each token is given at once, or with others that one step confirmed (lookup).
 * @returns (as the generator's value) the answers of every sample
 * @throws InvalidArgumentError for an option that is unknown, out of range or contradictory
 * @throws NonFiniteError naming sample and step when the model gives NaN; the signal's reason when aborted
 */
export async function* sample(
  model: LanguageModel,
  batch: PackedBatch,
  options: SampleOptions & DecodeInputs,
): AsyncGenerator<AnswerToken, Decoded[]> {
  const settings = checkSampleOptions(options, 'sample', inputKeys)
  const seed = settings.seed ?? Math.floor(Math.random() * 2 ** 32)
  const filter = new TopFilter(model.vocabSize + batch.extTableIds.length)
  return yield* oneByOne(model, batch, options, settings, index => {
    const generator = new TorchGenerator(seed + index)
    const random = settings.random ?? (() => generator.random())
    return row => {
      filter.apply(row.values, settings)
      return draw(row.values, row.max, random())
    }
  })
}

/** Takes the likeliest token every time (of equals the lowest id). Streams, returns and throws as `sample` does. */
export async function* greedy(
  model: LanguageModel,
  batch: PackedBatch,
  options: GreedyOptions & DecodeInputs,
): AsyncGenerator<AnswerToken, Decoded[]> {
  return yield* oneByOne(model, batch, options, checkSampleOptions(options, 'greedy', inputKeys), () => likeliest)
}

async function* oneByOne(
  model: LanguageModel,
  batch: PackedBatch,
  inputs: DecodeInputs,
  settings: SampleSettings,
  chooser: (sample: number) => Choose,
): AsyncGenerator<AnswerToken, Decoded[]> {
  checkInputs(batch, inputs)
  const slots = batch.samples.map((_, index) => new AnswerSlots(batch, index, model.vocabSize, inputs.tokens))
  const lookup = lookupOf(settings.lookup, model.rowsAgree ?? false)
  const results: Decoded[] = []
  for (const [index, slot] of slots.entries()) {
    const choose = chooser(index)
    results.push(
      yield* withGeneration(model, batch, index, slot.width, inputs, async function* (step) {
        const tokens: AnswerToken[] = []
        const row = new LogitRow(slot.width)
        const fed: number[] = []
        const drafter = new Drafter(slot, index, lookup)
        let state: AnswerState = slot.start()
        let score = 0
        let closed = 0
        let steps = 0
        let parent = -1
        const open = () => closed < slot.count && tokens.length - closed < settings.maxLength
        while (open()) {
          const most = settings.maxLength - (tokens.length - closed)
          const { logits, guesses } = await drafter.step(step, state, parent, most)
          steps++
          let right = true
          for (let r = 0; right && r < logits.rows && open(); r++) {
            if (r > 0) inputs.signal?.throwIfAborted()
            parent = r
            row.load(logits, r)
            row.block(slot.blocked)
            if (settings.repetitionPenalty !== 1)
              row.penalise(fedIds(state.node, settings.repetitionWindow, fed), settings.repetitionPenalty)
            row.divide(settings.temperature)
            row.normalise(`sample ${index}, step ${tokens.length}`)
            const id = choose(row)
            right = id === guesses[r]
            drafter.chose(id, right)
            // Choosing may strike other tokens out, but leaves this one's value and the sum as they were.
            const logProb = row.logProb(id)
            state = slot.extend(state, id, logProb)
            const token: AnswerToken = { sample: index, answer: state.node.answer, id, logProb }
            if (id === slot.tokens.eosId) closed++
            score += logProb
            tokens.push(token)
            inputs.onProgress?.({ phase: 'decode', done: tokens.length, total: settings.maxLength, unit: 'tokens' })
            yield token
          }
        }
        const { drafted, accepted } = drafter
        return {
          tokens,
          finish: closed === slot.count ? 'stop' : 'length',
          score,
          steps,
          ...(lookup && { lookup: { drafted, accepted } }),
        }
      }),
    )
  }
  return results
}

function likeliest({ values }: LogitRow): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}

/** The id at `uniform` (in [0, 1)) of the cumulated softmax. */
function draw(values: Float32Array, max: number, uniform: number): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - max)
  let rest = uniform * sum
  let last = 0
  for (let i = 0; i < values.length; i++) {
    const weight = Math.exp(values[i]! - max)
    if (weight === 0) continue
    last = i
    rest -= weight
    if (rest < 0) return i
  }
  return last
}
