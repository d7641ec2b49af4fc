/** Largest difference of two lists, as a share of the largest value. */
export function difference(ours: readonly number[], theirs: readonly number[]): number {
  if (ours.length !== theirs.length || ours.length === 0) return Number.NaN
  let [apart, largest] = [0, 0]
  ours.forEach((value, i) => {
    // NaN on either side stays: it must not pass for agreement.
    const gap = Math.abs(value - theirs[i]!)
    apart = Number.isNaN(gap) ? Number.NaN : Math.max(apart, gap)
    largest = Math.max(largest, Math.abs(theirs[i]!))
  })
  return largest === 0 ? apart : apart / largest
}

/** Both must compute the same, or timing them means nothing. @throws Error saying how far apart they are */
export function checkClose(what: string, ours: readonly number[], theirs: readonly number[], tolerance: number): void {
  const apart = difference(ours, theirs)
  if (!(apart <= tolerance))
    throw new Error(`the two sides compute different things: ${what} differs by ${apart} of its largest value`)
}
