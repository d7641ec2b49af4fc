/** Before anything was measured: a row more costs this much of a step, and a guess is right this often. */
const priorRowCost = 0.25
const priorTries = 2
const priorHits = 1
/** How fast old observations fade: per try, per step. */
const remembered = 0.8
/** A draft must promise this much, or steps stay plain. */
const leastGain = 1.05
const firstPause = 8
const longestPause = 128

interface Acceptance {
  hits: number
  tries: number
}

/**
 * How many tokens to draft: what makes most tokens a second by what was measured of this answer so far, the share of
 * guesses that were right (by how long a match they rest on) and what a further row costs. Nothing where guessing does not
 * pay; then a single token is tried after a pause, and the pause doubles with each failure.
 */
export class DraftPlan {
  readonly #acceptance = new Map<number, Acceptance>()
  /** Milliseconds of a step of one row, and of each row more. */
  #step = 0
  #row = 0
  #pause = firstPause
  #waited = 0

  /** @param available tokens that could be drafted; @param matched see `Match` */
  length(available: number, matched: number): number {
    if (available === 0) return 0
    const { hits, tries } = this.#of(matched)
    const rate = hits / tries
    const cost = this.#step > 0 && this.#row > 0 ? this.#row / this.#step : priorRowCost
    let best = 0
    let bestGain = leastGain
    let tokens = 1
    let chance = 1
    for (let k = 1; k <= available; k++) {
      chance *= rate
      tokens += chance
      const gain = tokens / (1 + cost * k)
      if (gain <= bestGain) continue
      best = k
      bestGain = gain
    }
    if (best > 0) return best
    if (++this.#waited < this.#pause) return 0
    this.#waited = 0
    return 1
  }

  /** Tells what a step with `drafted` tokens on trial took, and how many of them were right. */
  learn(step: {
    readonly ms: number
    readonly drafted: number
    readonly accepted: number
    readonly matched: number
  }): void {
    const { ms, drafted, accepted, matched } = step
    this.#time(ms, drafted)
    if (drafted === 0) return
    const seen = this.#of(matched)
    seen.hits = seen.hits * remembered + accepted
    seen.tries = seen.tries * remembered + Math.min(accepted + 1, drafted)
    this.#pause = accepted > 0 ? firstPause : Math.min(2 * this.#pause, longestPause)
  }

  #time(ms: number, drafted: number): void {
    if (!(ms > 0)) return
    if (drafted === 0) this.#step = faded(this.#step, ms)
    else if (this.#step > 0) this.#row = faded(this.#row, Math.max(ms - this.#step, 0.01 * ms) / drafted)
  }

  #of(matched: number): Acceptance {
    const known = this.#acceptance.get(matched)
    if (known) return known
    const made = { hits: priorHits, tries: priorTries }
    this.#acceptance.set(matched, made)
    return made
  }
}

/** A moving average that one interrupted step does not throw over. */
function faded(average: number, value: number): number {
  return average === 0 ? value : average * remembered + Math.min(value, 4 * average) * (1 - remembered)
}
