import { fold, Kind, kindOf } from './fold.js'

/** One entry of a list. */
interface Entry {
  readonly word: string
  /** Undefined for a harmless phrase, inside of which no word counts. */
  readonly category: string | undefined
  /** How often each run's character stands there. */
  readonly counts: Uint32Array
  readonly openStart: boolean
  readonly openEnd: boolean
}

interface Node {
  readonly next: Map<number, Node>
  readonly entries: Entry[]
}

export interface Found {
  /** As it stands in the list. */
  readonly word: string
  readonly category: string
}

/** Code points as runs of equal ones. */
interface Runs {
  readonly codes: Uint32Array
  readonly counts: Uint32Array
}

const space = 32
const e = 101
const plural = (code: number | undefined): boolean => code === 115 || code === 122 // s, z
const sibilants = new Set([...'shxzo'].map(letter => letter.charCodeAt(0)))
const isLetter = (code: number | undefined): boolean => code !== undefined && code >= 97 && code <= 122
const newNode = (): Node => ({ next: new Map(), entries: [] })

function runsOf(all: Uint32Array): Runs {
  const codes = new Uint32Array(all.length)
  const counts = new Uint32Array(all.length)
  let n = 0
  for (let i = 0; i < all.length; i++) {
    if (n === 0 || codes[n - 1] !== all[i]) codes[n++] = all[i]!
    counts[n - 1]!++
  }
  return { codes: codes.subarray(0, n), counts: counts.subarray(0, n) }
}

/**
 * Words, and harmless phrases that some of them are part of, found in folded text. A word matches where each of its
 * characters stands at least as often as the word has it, so that stretched spellings match. Latin words match whole, with
 * a plural ending; a `*` before or after them lets them match inside longer ones. Chinese words match everywhere.
 */
export class WordTrie {
  private readonly root = newNode()
  private readonly whole = new Map<string, Found>()

  /** Adds a word, or without a category a harmless phrase. What folds to nothing is left out. */
  add(written: string, category?: string): void {
    const word = written.replace(/^\*|\*$/g, '')
    const codes = fold(word).map(code => (kindOf(code) <= Kind.sign ? space : code))
    const { codes: path, counts } = runsOf(codes)
    if (path.length === 0) return
    let at = this.root
    for (const code of path) {
      const next = at.next.get(code) ?? newNode()
      at.next.set(code, next)
      at = next
    }
    at.entries.push({ word, category, counts, openStart: written.startsWith('*'), openEnd: written.endsWith('*') })
    if (category !== undefined && codes.every(isLetter))
      this.whole.set(String.fromCodePoint(...codes), { word, category })
  }

  /** The entry that is just this word, in Latin letters. */
  exactly(word: string): Found | undefined {
    return this.whole.get(word)
  }

  /** All Latin words without spaces, folded. */
  latinWords(): IterableIterator<[string, Found]> {
    return this.whole.entries()
  }

  /** The first word that is not inside a harmless phrase. Linear in the text's length. */
  find(text: Uint32Array): Found | undefined {
    const runs = runsOf(text)
    let harmlessTo = 0
    for (let i = 0; i < runs.codes.length; i++) {
      let first: { found: Found; end: number } | undefined
      let at = this.root.next.get(runs.codes[i]!)
      for (let k = i; at; at = ++k < runs.codes.length ? at.next.get(runs.codes[k]!) : undefined)
        for (const entry of at.entries) {
          if (!matches(entry, runs, i, k)) continue
          if (entry.category === undefined) harmlessTo = Math.max(harmlessTo, k + 1)
          // The longest one counts: what ends later is covered by less.
          else first = { found: { word: entry.word, category: entry.category }, end: k + 1 }
        }
      if (first && first.end > harmlessTo) return first.found
    }
    return undefined
  }
}

/** Whether an entry that was read along the runs `from` to `to` is there as a word. */
function matches(entry: Entry, { codes, counts }: Runs, from: number, to: number): boolean {
  if (!entry.openStart && isLetter(codes[from]) && isLetter(codes[from - 1])) return false
  if (entry.category !== undefined && !entry.openEnd && isLetter(codes[to]) && !endsAt(codes, to)) return false
  for (let k = from; k <= to; k++) if (counts[k]! < entry.counts[k - from]! && codes[k] !== space) return false
  return true
}

/** No letter follows, or only a plural ending does. */
function endsAt(codes: Uint32Array, at: number): boolean {
  if (!isLetter(codes[at + 1])) return true
  if (plural(codes[at + 1]) && !isLetter(codes[at + 2])) return true
  // After other letters, -es is the end of another word: "spices".
  if (codes[at + 1] !== e || !plural(codes[at + 2]) || isLetter(codes[at + 3])) return false
  return sibilants.has(codes[at]!)
}
