import { InvalidArgumentError } from '@viscpm/core'
import type { PackedBatch } from '@viscpm/tokenizer'
import type { LanguageModel } from '../engine.js'
import { beamStream } from './beam-search.js'
import type { DecodeInputs, DecodingOptions } from './options.js'
import { type AnswerToken, type Decoded, drain } from './run.js'
import { greedy, sample } from './sample.js'

/**
 * Answers every sample of `batch` in the way `options.decoding` names ('beam' unless given), token by token.
 * Greedy and sampling give each token at once; beam search gives it when no hypothesis that can still win lacks it.
 * Leaving the loop early stops the model and frees its cache.
 * @returns (as the generator's value) the answers of every sample
 * @throws InvalidArgumentError naming an option that is unknown, out of range, or of another way of decoding
 * @throws NonFiniteError naming sample and step when the model gives NaN; the signal's reason when aborted
 */
export function decodeStream(
  model: LanguageModel,
  batch: PackedBatch,
  options: DecodingOptions & DecodeInputs,
): AsyncGenerator<AnswerToken, Decoded[]> {
  switch (options.decoding) {
    case undefined:
    case 'beam':
      return beamStream(model, batch, options)
    case 'greedy':
      return greedy(model, batch, options)
    case 'sample':
      return sample(model, batch, options)
    default:
      throw new InvalidArgumentError({
        argument: 'decoding',
        message: `must be 'beam', 'greedy' or 'sample', not ${JSON.stringify((options as DecodingOptions).decoding)}`,
      })
  }
}

/** `decodeStream` run to its end. */
export async function decode(
  model: LanguageModel,
  batch: PackedBatch,
  options: DecodingOptions & DecodeInputs,
): Promise<Decoded[]> {
  return drain(decodeStream(model, batch, options))
}
