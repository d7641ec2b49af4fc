/** What waits for one model. */
export interface Waiting {
  readonly owner: string
  readonly priority: number
}

/** Owners of one priority, each with what waits of theirs; the owner whose turn is next comes first. */
type Turns<T> = Map<string, T[]>

/**
 * A waiting line: lower priorities first, owners in turn within one, and each owner's own in the order of arrival. Somebody who
 * brings a hundred does not make the next one wait for a hundred.
 */
export class FairLine<T extends Waiting> {
  private readonly priorities = new Map<number, Turns<T>>()
  private count = 0

  get length(): number {
    return this.count
  }

  push(one: T): void {
    const turns = this.priorities.get(one.priority) ?? new Map<string, T[]>()
    this.priorities.set(one.priority, turns)
    const own = turns.get(one.owner)
    if (own) own.push(one)
    else turns.set(one.owner, [one])
    this.count++
  }

  shift(): T | undefined {
    for (const priority of this.ordered())
      for (const [owner, own] of this.priorities.get(priority)!) {
        const one = own.shift()!
        this.clear(priority, owner, own)
        const turns = this.priorities.get(priority)
        if (own.length > 0 && turns) {
          turns.delete(owner) // to the end: the others come first now
          turns.set(owner, own)
        }
        this.count--
        return one
      }
    return undefined
  }

  /** Takes one out. @returns whether it was there */
  remove(one: T): boolean {
    const own = this.priorities.get(one.priority)?.get(one.owner)
    const at = own?.indexOf(one) ?? -1
    if (!own || at < 0) return false
    own.splice(at, 1)
    this.clear(one.priority, one.owner, own)
    this.count--
    return true
  }

  /** How many come before it; -1 when it does not wait here. */
  position(one: T): number {
    let before = 0
    for (const priority of this.ordered()) {
      const turns = this.priorities.get(priority)!
      if (priority < one.priority) for (const own of turns.values()) before += own.length
      if (priority !== one.priority) continue
      const index = turns.get(one.owner)?.indexOf(one) ?? -1
      if (index < 0) return -1
      let earlier = true
      for (const [owner, own] of turns)
        if (owner === one.owner) {
          before += index
          earlier = false
        } else before += Math.min(own.length, index + (earlier ? 1 : 0))
      return before
    }
    return -1
  }

  private ordered(): number[] {
    return [...this.priorities.keys()].sort((a, b) => a - b)
  }

  private clear(priority: number, owner: string, own: readonly T[]): void {
    if (own.length > 0) return
    const turns = this.priorities.get(priority)!
    turns.delete(owner)
    if (turns.size === 0) this.priorities.delete(priority)
  }
}
