import { InvalidArgumentError } from '@viscpm/core'
import type { PackedBatch } from '@viscpm/tokenizer'
import type { LanguageModel } from '../engine.js'
import { AnswerSlots } from './answer-state.js'
import { Beam } from './beam.js'
import { type BeamOptions, checkBeamOptions, type DecodeInputs } from './options.js'
import { type PathToken, tokensOf } from './path.js'
import { type AnswerToken, checkInputs, type Decoded, drain, inputKeys, withGeneration } from './run.js'

export interface Hypothesis {
  /** Summed log-probabilities / length ** lengthPenalty, `</s>` counted. */
  readonly score: number
  readonly tokens: readonly PathToken[]
}

export interface BeamDecoded extends Decoded {
  /** All that were kept, in order of arrival. The answer is the best, the earliest of equals. */
  readonly hypotheses: readonly Hypothesis[]
}

/** What one step of the search saw. The arrays are reused: copy what is to be kept. */
export interface BeamStep {
  readonly sample: number
  readonly step: number
  /** The 2 * beamSize best cumulated log-probabilities, best first. */
  readonly nextScores: Float32Array
  /** hypothesis * width + id of each; width = vocabulary + ext table. */
  readonly nextWords: Int32Array
}

/** Options of `beamSearch`: the search's own, the inputs, and a trace. */
export type BeamSearchOptions = BeamOptions & DecodeInputs & { readonly onStep?: (step: BeamStep) => void }

/**
 * Beam search as upstream does it, token for token; samples one after another, each with one prefill for all beams.
 * Streams: a token is given as soon as no hypothesis that can still win lacks it, so often several at once.
 * @returns (as the generator's value) the answers of every sample
 * @throws InvalidArgumentError for an option that is unknown or out of range
 * @throws NonFiniteError naming sample and step when the model gives NaN; the signal's reason when aborted
 */
export async function* beamStream(
  model: LanguageModel,
  batch: PackedBatch,
  options: BeamSearchOptions,
): AsyncGenerator<AnswerToken, BeamDecoded[]> {
  const settings = checkBeamOptions(options, [...inputKeys, 'onStep'])
  checkInputs(batch, options)
  const width = model.vocabSize + batch.extTableIds.length
  if (2 * settings.beamSize > width)
    throw new InvalidArgumentError({ argument: 'beamSize', message: `must be at most half of the ${width} tokens` })
  const slots = batch.samples.map((_, sample) => new AnswerSlots(batch, sample, model.vocabSize, options.tokens))
  const results: BeamDecoded[] = []
  for (const [sample, slot] of slots.entries()) {
    const beam = new Beam(slot, settings)
    results.push(
      yield* withGeneration(model, batch, sample, width, options, async function* (step) {
        let given = 0
        while (!beam.done) {
          beam.advance(await step(beam.rows()), `sample ${sample}, step ${beam.steps}`)
          const { scores: nextScores, ids: nextWords } = beam.candidates
          options.onStep?.({ sample, step: beam.steps - 1, nextScores, nextWords })
          options.onProgress?.({ phase: 'decode', done: beam.steps, total: beam.lastStep + 1, unit: 'tokens' })
          const certain = beam.certain()
          for (const token of tokensOf(certain, given)) yield { sample, ...token }
          given = Math.max(given, certain.length)
        }
        return toDecoded(beam, sample)
      }),
    )
  }
  return results
}

/** Runs `beamStream` to its end. */
export function beamSearch(
  model: LanguageModel,
  batch: PackedBatch,
  options: BeamSearchOptions,
): Promise<BeamDecoded[]> {
  return drain(beamStream(model, batch, options))
}

function toDecoded(beam: Beam, sample: number): BeamDecoded {
  const best = beam.finished.best()!
  const tokens = tokensOf(best.item).map(token => ({ sample, ...token }))
  const { slots } = beam
  const closed = tokens.filter(token => token.id === slots.tokens.eosId).length
  return {
    tokens,
    finish: closed === slots.count ? 'stop' : 'length',
    score: best.score,
    steps: beam.steps,
    hypotheses: beam.finished.kept.map(({ score, item }) => ({ score, tokens: tokensOf(item) })),
  }
}
