import { type MemoryOption, parseMemory } from '@viscpm/core/cost'
import { UsageError } from '../failures.js'
import type { Messages } from '../messages/index.js'

/** Readers of option values; each throws a UsageError that names the option. */
export interface ValueReaders {
  whole(option: string, min: number): (value: string) => number
  number(option: string): (value: string) => number
  oneOf<T extends string>(option: string, choices: readonly T[]): (value: string) => T
  /** `512x384`, or one number for both sides. */
  size(option: string): (value: string) => { width: number; height: number }
  /** Whole numbers of any size, separated by commas. */
  seeds(option: string): (value: string) => bigint | readonly bigint[]
  /** Two numbers separated by a comma. */
  range(option: string): (value: string) => readonly [number, number]
  /** A size such as 8g, or how to find one. */
  memory(option: string): (value: string) => MemoryOption
  /** Every how many steps, from 1; and, after a comma, how much runs between them. */
  deepCache(option: string): (value: string) => { interval: number; branch?: number }
}

export function valueReaders(t: Messages): ValueReaders {
  const refuse = (option: string, value: string, hint: string): never => {
    throw new UsageError(t.parsing.invalidValue(option, JSON.stringify(value)), hint)
  }
  const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text))
  return {
    whole: (option, min) => value =>
      /^\d+$/.test(value) && Number.isSafeInteger(Number(value)) && Number(value) >= min
        ? Number(value)
        : refuse(option, value, t.parsing.wholeNumber(min)),
    number: option => value => (isNumber(value) ? Number(value) : refuse(option, value, t.parsing.number)),
    oneOf: (option, choices) => value =>
      choices.find(choice => choice === value) ?? refuse(option, value, t.parsing.allowed(choices.join(', '))),
    size: option => value => {
      const [, width, height = width] = /^(\d{1,6})(?:[x×*](\d{1,6}))?$/i.exec(value) ?? []
      return width === undefined ? refuse(option, value, t.parsing.size) : { width: +width, height: +height! }
    },
    seeds: option => value => {
      const parts = value.split(',').map(part => part.trim())
      if (!parts.every(part => /^-?\d{1,20}$/.test(part))) return refuse(option, value, t.parsing.seeds)
      const seeds = parts.map(BigInt)
      if (seeds.some(seed => seed < -(2n ** 63n) || seed >= 2n ** 64n)) return refuse(option, value, t.parsing.seeds)
      return seeds.length === 1 ? seeds[0]! : seeds
    },
    memory: option => value => {
      try {
        parseMemory(value as MemoryOption)
      } catch {
        return refuse(option, value, t.parsing.memory)
      }
      return value as MemoryOption
    },
    deepCache: option => value => {
      const [, interval, branch] = /^([1-9]\d{0,3})(?:,(\d{1,3}))?$/.exec(value) ?? []
      if (interval === undefined) return refuse(option, value, t.parsing.deepCache)
      return { interval: Number(interval), ...(branch !== undefined && { branch: Number(branch) }) }
    },
    range: option => value => {
      const parts = value.split(',')
      return parts.length === 2 && parts.every(isNumber)
        ? [Number(parts[0]), Number(parts[1])]
        : refuse(option, value, t.parsing.range)
    },
  }
}
