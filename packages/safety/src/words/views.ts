import { Kind, kindOf } from './fold.js'
import { leetLetter } from './leet.js'

/** Folded text, with the kind of each character. */
export interface Characters {
  readonly codes: Uint32Array
  /** A `Kind` each. */
  readonly kinds: Uint8Array
}

const space = 32
/** Nothing in a list: a letter of a script that the lists have no words in. */
const foreign = 0

export function charactersOf(codes: Uint32Array): Characters {
  const known = new Map<number, Kind>()
  const kinds = new Uint8Array(codes.length)
  for (let i = 0; i < codes.length; i++) {
    let kind = known.get(codes[i]!)
    if (kind === undefined) {
      kind = kindOf(codes[i]!)
      known.set(codes[i]!, kind)
    }
    kinds[i] = kind
  }
  return { codes, kinds }
}

const isWord = (kind: number | undefined): boolean => kind === Kind.letter || kind === Kind.digit || kind === Kind.han

/** The text as it stands; whatever lies between words is one space. */
export function plainView({ codes, kinds }: Characters): Uint32Array {
  return codes.map((code, i) => (isWord(kinds[i]) ? code : kinds[i] === Kind.other ? foreign : space))
}

/** Whether digits or signs stand next to letters, as they do where they stand for letters. */
export function hasLeet({ codes, kinds }: Characters): boolean {
  for (let i = 0; i < codes.length; i++)
    if (leetLetter(codes[i]!, 'i') !== undefined && (kinds[i - 1] === Kind.letter || kinds[i + 1] === Kind.letter))
      return true
  return false
}

/** Digits and signs as the letters that they stand for, in every stretch that has a real letter too ("5h1t", not "455"). */
export function leetView(characters: Characters, one: 'i' | 'l'): Uint32Array {
  const { codes, kinds } = characters
  const view = plainView(characters)
  const inStretch = (i: number) => kinds[i] === Kind.letter || leetLetter(codes[i]!, one) !== undefined
  for (let from = 0; from < codes.length; ) {
    let [to, letters] = [from, 0]
    for (; to < codes.length && inStretch(to); to++) if (kinds[to] === Kind.letter) letters++
    if (letters > 0) for (let i = from; i < to; i++) view[i] = leetLetter(codes[i]!, one) ?? codes[i]!
    from = to + 1
  }
  return view
}

/** Signs that nobody writes between two Chinese characters but to hide a word. */
const oddInChinese = new Set([...'*#@^~$%&+=_.`|\\<>'].map(sign => sign.charCodeAt(0)))

/** Pictures and the like; other signs beyond ASCII are the punctuation of sentences, but for these dots. */
const symbol = /[\p{So}\p{Sk}\p{Sm}·•・‧∙●○★☆]/u

const isOddInChinese = (code: number): boolean =>
  code < 128 ? oddInChinese.has(code) : symbol.test(String.fromCodePoint(code))

/**
 * Words without the signs inside of them: "s.h-i_t"; Chinese ones also without spaces, which Chinese does not write.
 * Undefined where there are none.
 */
export function tightView(characters: Characters): Uint32Array | undefined {
  const { codes, kinds } = characters
  const view = leetView(characters, 'i')
  const out = new Uint32Array(codes.length)
  let length = 0
  for (let from = 0; from < codes.length; ) {
    let to = from + 1
    if (isGap(kinds[from])) {
      while (isGap(kinds[to])) to++
      if (hides(characters, view, from, to)) {
        from = to
        continue
      }
    }
    for (; from < to; from++) out[length++] = view[from]!
  }
  return length < codes.length ? out.subarray(0, length) : undefined
}

const isGap = (kind: number | undefined): boolean => kind === Kind.sign || kind === Kind.space

/** Whether the signs and spaces from `from` to `to` only keep two characters apart. */
function hides({ codes, kinds }: Characters, view: Uint32Array, from: number, to: number): boolean {
  const [before, after] = [kinds[from - 1], kinds[to]]
  if (before !== after || (before !== Kind.letter && before !== Kind.han)) return false
  if (before === Kind.han)
    return codes.subarray(from, to).every((code, i) => kinds[from + i] === Kind.space || isOddInChinese(code))
  // Signs that stand for letters stay, and so do the spaces between words.
  return view.subarray(from, to).every((code, i) => code === space && kinds[from + i] === Kind.sign)
}

const fewestSingles = 3

/**
 * Words written one character at a time: "f u c k", "色 情". Stretches of at least three single letters, or two single
 * Chinese characters, become words; the rest of the text is left out. Undefined where there are none.
 */
export function spacedView({ codes, kinds }: Characters): Uint32Array | undefined {
  const out: number[] = []
  let singles: number[] = []
  const end = () => {
    const chinese = singles.some(i => kinds[i] === Kind.han)
    if (singles.length >= (chinese ? 2 : fewestSingles)) {
      for (const i of singles) out.push(chinese ? codes[i]! : (leetLetter(codes[i]!, 'i') ?? codes[i]!))
      out.push(space)
    }
    singles = []
  }
  for (let i = 0; i < codes.length; i++) {
    // Signs that stand for letters count as such only where they are alone, as letters are here.
    const counts = (at: number) =>
      isWord(kinds[at]) || (kinds[at] === Kind.sign && leetLetter(codes[at]!, 'i') !== undefined)
    if (kinds[i] === Kind.other) end()
    if (!isWord(kinds[i]) && !counts(i)) continue
    if (counts(i - 1) || counts(i + 1)) end()
    else singles.push(i)
  }
  end()
  return out.length === 0 ? undefined : Uint32Array.from(out)
}
