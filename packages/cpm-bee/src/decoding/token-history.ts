import type { PackedBatch } from '@viscpm/tokenizer'

/** What no answer can say: it neither matches nor is drafted. */
const nothing = -1

/** A likely continuation of an answer, and how many of its last tokens led to it. */
export interface Match {
  readonly ids: readonly number[]
  readonly matched: number
}

/**
 * The tokens of a prompt and of the answer growing from it, as the logits number them: where the last few tokens have
 * stood before, what followed there is a guess at what follows now. Source: prompt lookup decoding (apoorvumang, 2023);
 * the same idea as LLMA, arXiv 2304.04487.
 */
export class TokenHistory {
  readonly #ids: number[]

  constructor(batch: PackedBatch, sample: number, vocabSize: number, blocked: readonly number[]) {
    this.#ids = promptIds(batch, sample, vocabSize, new Set(blocked))
  }

  push(id: number): void {
    this.#ids.push(id)
  }

  /**
   * What followed the longest run of last tokens that occurs again, of equally long ones the latest.
   * @param shortest fewest tokens that must agree; more than `longest` are not looked for
   * @param most length of the continuation
   */
  match(shortest: number, longest: number, most: number): Match | undefined {
    const ids = this.#ids
    const last = ids.length - 1
    let best = 0
    let end = -1
    for (let at = last - 1; at >= 0 && best < longest; at--) {
      let length = 0
      while (
        length < longest &&
        at >= length &&
        ids[at - length] === ids[last - length] &&
        ids[at - length] !== nothing
      )
        length++
      if (length > best) {
        best = length
        end = at
      }
    }
    if (best < shortest) return undefined
    const draft: number[] = []
    for (let at = end + 1; draft.length < most; at++) {
      const id = at <= last ? ids[at]! : draft[at - last - 1]! // beyond what there is yet, the repetition goes on
      if (id === nothing) break
      draft.push(id)
    }
    return draft.length === 0 ? undefined : { ids: draft, matched: best }
  }
}

function promptIds(batch: PackedBatch, sample: number, vocabSize: number, blocked: ReadonlySet<number>): number[] {
  const columns = new Map<string, number>()
  batch.extTableIds.forEach((id, column) => {
    columns.set(`${id} ${batch.extTableSub[column]}`, vocabSize + column)
  })
  const ids: number[] = []
  const start = sample * batch.length
  for (let i = start; i < start + batch.length; i++) {
    if (batch.numSegments[i] === 0) continue // padding
    const id = batch.inputIds[i]!
    const sub = batch.inputIdSubs[i]!
    const said = sub === 0 ? id : columns.get(`${id} ${sub}`)
    ids.push(said === undefined || blocked.has(said) ? nothing : said)
  }
  for (const [from, to] of batch.imageBounds[sample] ?? []) ids.fill(nothing, from, to)
  return ids
}
