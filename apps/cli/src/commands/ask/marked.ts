import { type MarkedText, mask, option, text } from '@viscpm/cpm-bee'

const markers = /<(mask|option)_(\d{1,9})>/

/**
 * Finds CPM-Bee's markers in typed text: `<mask_0>`, `<option_1>`; everything else stays text. `<mask>` is numbered in
 * order, which is how people leave gaps.
 * @returns the text itself when it has none
 */
export function marked(typed: string): string | MarkedText {
  let gap = 0
  const numbered = typed.replace(/<mask>/g, () => `<mask_${gap++}>`)
  const parts = numbered.split(markers)
  if (parts.length === 1) return typed
  const strings: string[] = []
  const values: MarkedText[] = []
  // split with two groups gives text, kind, number, text, ...
  for (let i = 0; i < parts.length; i += 3) {
    strings.push(parts[i]!)
    if (i + 2 < parts.length)
      values.push(parts[i + 1] === 'mask' ? mask(Number(parts[i + 2])) : option(Number(parts[i + 2])))
  }
  return text(Object.assign(strings, { raw: strings }), ...values)
}

/** The gaps of a text in order, each once. */
export function gapsOf(value: string | MarkedText): string[] {
  return typeof value === 'string' ? [] : [...new Set(value.markers)].filter(name => name.startsWith('<mask_'))
}
