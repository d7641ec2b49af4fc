import { UsageError } from '../failures.js'
import type { Messages } from '../messages/index.js'

/** Readers of option values; each throws a UsageError that names the option. */
export interface ValueReaders {
  whole(option: string, min: number): (value: string) => number
  number(option: string): (value: string) => number
  oneOf<T extends string>(option: string, choices: readonly T[]): (value: string) => T
}

export function valueReaders(t: Messages): ValueReaders {
  const refuse = (option: string, value: string, hint: string): never => {
    throw new UsageError(t.parsing.invalidValue(option, JSON.stringify(value)), hint)
  }
  return {
    whole: (option, min) => value =>
      /^\d+$/.test(value) && Number.isSafeInteger(Number(value)) && Number(value) >= min
        ? Number(value)
        : refuse(option, value, t.parsing.wholeNumber(min)),
    number: option => value =>
      value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : refuse(option, value, t.parsing.number),
    oneOf: (option, choices) => value =>
      choices.find(choice => choice === value) ?? refuse(option, value, t.parsing.allowed(choices.join(', '))),
  }
}
