/**
 * How alike two sequences are: 1 - Levenshtein distance / length of the longer; 1 for two empty ones.
 * Source: V. I. Levenshtein, Binary codes capable of correcting deletions, insertions, and reversals, 1966.
 */
export function sequenceSimilarity<T>(a: ArrayLike<T>, b: ArrayLike<T>): number {
  const longer = Math.max(a.length, b.length)
  if (longer === 0) return 1
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1))
    }
    above = row
  }
  return 1 - above[b.length]! / longer
}

/** How many elements two sequences have in common from their beginning on. */
export function commonStart<T>(a: ArrayLike<T>, b: ArrayLike<T>): number {
  let i = 0
  while (i < a.length && i < b.length && a[i] === b[i]) i++
  return i
}

/**
 * Peak signal to noise ratio of two pictures' bytes, in decibels; Infinity for equal ones.
 * @returns NaN for pictures of different sizes
 */
export function peakSignalToNoise(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Number.NaN
  let squares = 0
  for (let i = 0; i < a.length; i++) squares += (a[i]! - b[i]!) ** 2
  return 10 * Math.log10((255 ** 2 * a.length) / squares)
}
