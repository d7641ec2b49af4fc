/** Items are run together up to about this many tokens: memory stays bounded, and an abort does not come late. */
export const tokensPerRun = 1024

/**
 * Neighbours together, as many as stay below `tokensPerRun` when all are filled up to the longest; at least one.
 * @param lengths tokens of each item.
 * @returns [first, end) of each batch.
 */
export function batches(lengths: readonly number[]): (readonly [first: number, end: number])[] {
  const found: (readonly [number, number])[] = []
  let first = 0
  let longest = 0
  lengths.forEach((length, i) => {
    longest = Math.max(longest, length)
    if (i > first && longest * (i + 1 - first) > tokensPerRun) {
      found.push([first, i])
      first = i
      longest = length
    }
  })
  if (lengths.length > 0) found.push([first, lengths.length])
  return found
}
