import { ContextTooLongError } from '@viscpm/core'
import { numberAnswers } from './answer-slots.js'
import { encodeSegments } from './convert.js'
import { type PackValue, readSegments } from './input.js'
import type { CpmBeeTokenizer } from './tokenizer.js'

/**
 * Tokens that `packSample` counts against `maxInputLength`: the whole input with its answer slots (two each).
 * @throws TokenizerError, InvalidArgumentError as `packSample`
 */
export function inputLength(tokenizer: CpmBeeTokenizer, input: PackValue): number {
  const { encoded } = encodeSegments(tokenizer, readSegments(numberAnswers(input).data))
  return encoded.reduce((sum, { ids }) => sum + ids.length, 0)
}

/**
 * The most of the newest turns that fit, so that a long talk loses its beginning and not its question.
 * `length` measures the input made with the turns it is given, e.g. by `inputLength`; it is called O(log n) times.
 *
 * @throws ContextTooLongError the input is too long even without any turn
 */
export function keepNewest<Turn>(
  turns: readonly Turn[],
  limit: number,
  length: (kept: readonly Turn[]) => number,
): readonly Turn[] {
  const fits = (dropped: number) => length(turns.slice(dropped)) <= limit
  if (fits(0)) return turns
  const bare = length([])
  if (bare > limit) throw new ContextTooLongError({ length: bare, limit })
  // Dropping `low` turns is too few, dropping `high` is known to do.
  let low = 0
  let high = turns.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (fits(middle)) high = middle
    else low = middle
  }
  return turns.slice(high)
}
