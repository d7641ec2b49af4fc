import { InvalidArgumentError } from '@viscpm/core'
import { escapeText } from '@viscpm/tokenizer'

// Told apart by a symbol: neither parsed JSON nor a plain object can have it, a second installed copy has.
const brand = Symbol.for('viscpm.markedText')

/** Text with markers (`mask`, `option`) in it; everything around them is ordinary text. Made by `text`, never parsed. */
export class MarkedText {
  /**
   * @param raw in CPM-Bee's syntax: `<mask_0>` is a marker, `<<` a literal `<`
   * @param shown as people read it
   * @param markers those in it, e.g. `<mask_0>`, in order
   */
  constructor(
    readonly raw: string,
    readonly shown: string,
    readonly markers: readonly string[],
  ) {
    Object.defineProperty(this, brand, { value: true })
  }

  toString(): string {
    return this.shown
  }

  toJSON(): string {
    return this.shown
  }
}

/** True for marked text of any installed copy. */
export function isMarkedText(value: unknown): value is MarkedText {
  return typeof value === 'object' && value !== null && brand in value
}

function marker(name: string, number: number): MarkedText {
  if (!Number.isSafeInteger(number) || number < 0)
    throw new InvalidArgumentError({ argument: name, message: `${number} is not a whole number from 0 on` })
  const raw = `<${name}_${number}>`
  return new MarkedText(raw, raw, [raw])
}

/** The gap `<mask_number>` that an answer of the same key fills. @throws InvalidArgumentError */
export function mask(number: number): MarkedText {
  return marker('mask', number)
}

/** The choice `<option_number>`. @throws InvalidArgumentError */
export function option(number: number): MarkedText {
  return marker('option', number)
}

/**
 * Template tag for text with markers: text`The capital of ${country} is ${mask(0)}.`
 * Strings put in stay text, whatever they contain: only `mask(k)` and `option(k)` become markers.
 * @throws InvalidArgumentError for a value that is neither
 */
export function text(strings: TemplateStringsArray, ...values: readonly (string | MarkedText)[]): MarkedText {
  let raw = ''
  let shown = ''
  const markers: string[] = []
  const add = (part: string | MarkedText): void => {
    if (isMarkedText(part)) {
      raw += part.raw
      shown += part.shown
      markers.push(...part.markers)
    } else if (typeof part === 'string') {
      raw += escapeText(part)
      shown += part
    } else throw new InvalidArgumentError({ argument: 'text', message: `${typeof part} put into the template` })
  }
  for (const [i, string] of strings.entries()) {
    add(string)
    if (i < values.length) add(values[i]!)
  }
  return new MarkedText(raw, shown, markers)
}
