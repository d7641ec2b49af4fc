/** The `n` best of many scores, best first; of equal scores the one offered first. Buffers are reused. */
export class TopN {
  readonly scores: Float32Array
  readonly ids: Int32Array
  size = 0

  constructor(n: number) {
    this.scores = new Float32Array(n)
    this.ids = new Int32Array(n)
  }

  clear(): void {
    this.size = 0
  }

  offer(score: number, id: number): void {
    const { scores, ids } = this
    let place = this.size
    if (place === scores.length) {
      place--
      if (!(score > scores[place]!)) return
    } else this.size++
    while (place > 0 && score > scores[place - 1]!) {
      scores[place] = scores[place - 1]!
      ids[place] = ids[place - 1]!
      place--
    }
    scores[place] = score
    ids[place] = id
  }

  /** Offers `base + value - max - logSum` of every value, each step rounded to float32, as id `firstId + index`. */
  offerRow(row: { values: Float32Array; max: number; logSum: number }, base: number, firstId: number): void {
    const { values, max, logSum } = row
    const last = this.scores.length - 1
    let worst = this.size > last ? this.scores[last]! : Number.NEGATIVE_INFINITY
    for (let i = 0; i < values.length; i++) {
      const score = Math.fround(Math.fround(Math.fround(values[i]! - max) - logSum) + base)
      if (score > worst || this.size <= last) {
        this.offer(score, firstId + i)
        if (this.size > last) worst = this.scores[last]!
      }
    }
  }
}
