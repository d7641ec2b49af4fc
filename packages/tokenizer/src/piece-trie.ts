/**
 * Finds the longest vocabulary entry that starts at a place in a text.
 *
 * A trie over UTF-16 units whose edges lie in one open-addressed hash table: no object per node, no substring per
 * look-up. Entries are well-formed, so a match that begins at a code point also ends at one.
 */
export class PieceTrie {
  /** Node reached from the root by each UTF-16 unit, 0 = none: the first step of every look-up. */
  private readonly first = new Int32Array(0x10000)
  private readonly parent: Int32Array
  private readonly unit: Uint16Array
  /** Id of the entry that ends at a node, or -1. */
  private readonly entry: Int32Array
  /** Hash slots: node index, 0 = free. */
  private readonly slots: Int32Array
  private readonly mask: number
  private nodes = 1

  /** Where the last match ended; set by `longest`. */
  end = 0

  constructor(entries: readonly (readonly [text: string, id: number])[]) {
    let units = 1
    for (const [text] of entries) units += text.length
    this.parent = new Int32Array(units)
    this.unit = new Uint16Array(units)
    this.entry = new Int32Array(units).fill(-1)
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(units * 1.5 + 1)))
    this.mask = this.slots.length - 1
    for (const [text, id] of entries) {
      let node = this.addFirst(text.charCodeAt(0))
      for (let i = 1; i < text.length; i++) node = this.addChild(node, text.charCodeAt(i))
      this.entry[node] = id
    }
  }

  /** Id of the longest entry in `text` at `from`, or -1. Sets `end` to where it ends (`from` if none). */
  longest(text: string, from: number, until: number = text.length): number {
    let id = -1
    this.end = from
    if (from >= until) return id
    let node = this.first[text.charCodeAt(from)]!
    for (let at = from + 1; node !== 0; at++) {
      const ending = this.entry[node]!
      if (ending >= 0) {
        id = ending
        this.end = at
      }
      if (at >= until) break
      node = this.child(node, text.charCodeAt(at))
    }
    return id
  }

  private child(node: number, unit: number): number {
    return this.slots[this.slot(node, unit)]!
  }

  /** The slot that holds the child, or the free one where it would lie. */
  private slot(node: number, unit: number): number {
    let slot = (Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b)) >>> 0
    slot = (slot ^ (slot >>> 15)) & this.mask
    for (;;) {
      const child = this.slots[slot]!
      if (child === 0 || (this.parent[child] === node && this.unit[child] === unit)) return slot
      slot = (slot + 1) & this.mask
    }
  }

  private addFirst(unit: number): number {
    const found = this.first[unit]!
    if (found !== 0) return found
    this.first[unit] = this.nodes
    return this.nodes++
  }

  private addChild(node: number, unit: number): number {
    const slot = this.slot(node, unit)
    const found = this.slots[slot]!
    if (found !== 0) return found
    this.slots[slot] = this.nodes
    this.parent[this.nodes] = node
    this.unit[this.nodes] = unit
    return this.nodes++
  }
}
