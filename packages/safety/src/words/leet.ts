/** Digits and signs that stand for letters. '1', '!' and '|' stand for i or l: see `leetLetter`. */
const letters: Readonly<Record<string, string>> = {
  '0': 'o',
  '2': 'z',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '6': 'g',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '+': 't',
  '(': 'c',
}

const upright = new Set(['1', '!', '|'].map(sign => sign.charCodeAt(0)))
const byCode: ReadonlyMap<number, number> = new Map(
  Object.entries(letters).map(([sign, letter]) => [sign.charCodeAt(0), letter.charCodeAt(0)]),
)

/** The letter that a digit or sign stands for; undefined for what stands for none. */
export function leetLetter(code: number, one: 'i' | 'l'): number | undefined {
  return upright.has(code) ? one.charCodeAt(0) : byCode.get(code)
}
