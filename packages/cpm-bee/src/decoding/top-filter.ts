import type { TopOptions } from './options.js'

/** Sets what sampling may not choose to -infinity. Order: top-k, top-p over what is left, min-p. */
export class TopFilter {
  readonly #scratch: Float32Array

  constructor(width: number) {
    this.#scratch = new Float32Array(width)
  }

  apply(logits: Float32Array, { topK, topP, minP }: TopOptions): void {
    if (topK > 0 && topK < logits.length) removeBelow(logits, this.#kthLargest(logits, topK))
    if (topP < 1) this.#nucleus(logits, topP)
    // Source: min-p, arXiv 2407.01082.
    if (minP > 0) removeBelow(logits, largest(logits) + Math.log(minP))
  }

  #kthLargest(logits: Float32Array, k: number): number {
    this.#scratch.set(logits)
    return quickSelect(this.#scratch, logits.length - k)
  }

  /** Keeps the fewest best tokens whose probabilities exceed `topP` together. Source: arXiv 1904.09751. */
  #nucleus(logits: Float32Array, topP: number): void {
    const max = largest(logits)
    let sum = 0
    for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - max)
    // Tokens under this bound make less than 1 - topP together, so the nucleus lies above it: far fewer to sort.
    const bound = max + Math.log((sum * (1 - topP)) / logits.length) - 1e-3
    let count = 0
    for (let i = 0; i < logits.length; i++) if (logits[i]! >= bound) this.#scratch[count++] = logits[i]!
    const sorted = this.#scratch.subarray(0, count).sort()
    let cumulative = 0
    let last = count
    while (last > 0 && cumulative <= topP * sum) cumulative += Math.exp(sorted[--last]! - max)
    // Of the tokens at the border value, only as many as were counted, the first ones.
    const border = sorted[last]!
    let equal = 0
    while (last + equal < count && sorted[last + equal] === border) equal++
    for (let i = 0; i < logits.length; i++) {
      if (logits[i]! > border) continue
      if (logits[i] === border && equal-- > 0) continue
      logits[i] = Number.NEGATIVE_INFINITY
    }
  }
}

function largest(values: Float32Array): number {
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) if (values[i]! > max) max = values[i]!
  return max
}

function removeBelow(values: Float32Array, bound: number): void {
  for (let i = 0; i < values.length; i++) if (values[i]! < bound) values[i] = Number.NEGATIVE_INFINITY
}

/** The element that sorting upwards would put at `place`. Reorders `values`. */
function quickSelect(values: Float32Array, place: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1]!
    let left = low
    let right = high
    while (left <= right) {
      while (values[left]! < pivot) left++
      while (values[right]! > pivot) right--
      if (left <= right) {
        const swap = values[left]!
        values[left++] = values[right]!
        values[right--] = swap
      }
    }
    if (place <= right) high = right
    else if (place >= left) low = left
    else break
  }
  return values[place]!
}
