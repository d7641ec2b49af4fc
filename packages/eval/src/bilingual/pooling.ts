import type { Rows } from './statistics/cka.js'

/** Tokens of a row [from, to) that are the text itself, not what it is packed in. */
export type TextSpan = readonly [from: number, to: number]

/**
 * One vector for each text: the mean over its tokens, or its last token's.
 * @param states float32 [texts, length, dim]
 */
export function poolTexts(
  states: Float32Array,
  shape: { readonly length: number; readonly dim: number },
  spans: readonly TextSpan[],
): { readonly mean: Rows; readonly last: Rows } {
  const { length, dim } = shape
  const [mean, last] = [new Float32Array(spans.length * dim), new Float32Array(spans.length * dim)]
  for (const [text, [from, to]] of spans.entries()) {
    const token = (t: number) => states.subarray((text * length + t) * dim, (text * length + t + 1) * dim)
    const row = mean.subarray(text * dim, (text + 1) * dim)
    for (let t = from; t < to; t++) for (const [k, value] of token(t).entries()) row[k]! += value / (to - from)
    last.set(token(to - 1), text * dim)
  }
  return { mean: { data: mean, dim }, last: { data: last, dim } }
}

/**
 * Where texts lie among their tokens: what they share with the empty text, packed alike, at the beginning and at the end is
 * packing. @param ids without padding
 */
export function textSpan(ids: ArrayLike<number>, empty: ArrayLike<number>): TextSpan {
  let from = 0
  while (from < empty.length && ids[from] === empty[from]) from++
  let after = 0
  while (after < empty.length - from && ids[ids.length - 1 - after] === empty[empty.length - 1 - after]) after++
  return [from, ids.length - after]
}
