import { InvalidArgumentError, SessionError } from '@viscpm/core'
import type { PackedBatch } from '@viscpm/tokenizer'
import type { DecodeRow, Generation, LanguageModel, StepLogits } from '../engine.js'
import type { DecodeInputs } from './options.js'

/** One token of an answer, in the order in which it became certain. */
export interface AnswerToken {
  /** Row of the batch. */
  readonly sample: number
  /** Number of the answer slot within the sample, from 1. */
  readonly answer: number
  /** Vocabulary id, or vocabulary size + column of the ext table. The `</s>` that closes an answer is included. */
  readonly id: number
  /** Natural logarithm, under the distribution after penalty and temperature. */
  readonly logProb: number
}

/** The answers of one sample. */
export interface Decoded {
  readonly tokens: readonly AnswerToken[]
  /** 'stop': the last answer was closed by its `</s>`; 'length': the limit came first. */
  readonly finish: 'stop' | 'length'
  /** Beam search: summed log-probabilities / length ** lengthPenalty. Otherwise the sum. */
  readonly score: number
  /** Steps that the model ran after its prefill. */
  readonly steps: number
  /** Greedy and sampling, unless lookup is off: tokens that were guessed and fed on trial, and how many of them were right. */
  readonly lookup?: { readonly drafted: number; readonly accepted: number }
}

/** Feeds rows; checks the signal around every run, and what comes back. */
export type Stepper = (rows: readonly DecodeRow[]) => Promise<StepLogits>

/** Keys of DecodeInputs, which are not options of decoding. */
export const inputKeys: readonly string[] = ['tokens', 'vision', 'signal', 'onProgress', 'decoding']

/** @throws InvalidArgumentError */
export function checkInputs(batch: PackedBatch, inputs: DecodeInputs): void {
  if (!inputs.tokens) throw new InvalidArgumentError({ argument: 'tokens', message: 'the ids of <s>, </s>, <unk>' })
  if (inputs.vision && inputs.vision.length !== batch.batch)
    throw new InvalidArgumentError({
      argument: 'vision',
      message: `${inputs.vision.length} entries for ${batch.batch} samples; put undefined where a sample has no picture`,
    })
}

/**
 * Reads the prompt of one sample once, hands `body` a stepper, and frees the cache however `body` ends.
 * @throws the signal's reason when it is aborted: before the prefill, or before or after a step.
 */
export async function* withGeneration<T, R>(
  model: LanguageModel,
  batch: PackedBatch,
  sample: number,
  width: number,
  inputs: DecodeInputs,
  body: (step: Stepper) => AsyncGenerator<T, R>,
): AsyncGenerator<T, R> {
  const { signal, onProgress } = inputs
  const vision = inputs.vision?.[sample]
  const task = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
  signal?.throwIfAborted()
  const generation: Generation = await model.prefill(batch, sample, { ...task, ...(vision && { vision }) })
  try {
    return yield* body(async rows => {
      signal?.throwIfAborted()
      const logits = await generation.step(rows, task)
      signal?.throwIfAborted()
      if (logits.rows !== rows.length || logits.width !== width || logits.data.length < rows.length * width)
        throw new SessionError({
          message: `the model gave logits [${logits.rows}, ${logits.width}], decoding needs [${rows.length}, ${width}]`,
        })
      return logits
    })
  } finally {
    generation.dispose()
  }
}

/** Runs a stream to its end and gives what it returns. */
export async function drain<R>(stream: AsyncGenerator<unknown, R>): Promise<R> {
  for (;;) {
    const next = await stream.next()
    if (next.done) return next.value
  }
}
