import { describe, expect, it } from 'vitest'
import { isVisCPMError } from '../errors.js'
import { type Choosing, chooseWay, parseMemory, type Way } from './budget.js'
import { costOf } from './types.js'

const gibibyte = 2 ** 30

const way = (mode: string, gigabytes: number, seconds: number, own: number = gigabytes, loss = 0): Way<string> => ({
  mode,
  cost: costOf([{ stage: 'load', memory: gigabytes * gibibyte, mapped: (gigabytes - own) * gibibyte, seconds }]),
  loss,
})

const whole = way('whole', 20, 1)
const mapped = way('mapped', 12, 5, 3)
const small = way('small', 4, 9)
const rough = way('rough', 2, 2, 2, 1)

const choose = (given: Partial<Choosing<string>>) =>
  chooseWay({
    model: 'a model',
    ways: [whole, mapped, small, rough],
    normal: mapped,
    machine: { total: 16 * gibibyte, free: 10 * gibibyte },
    ...given,
  })

function refusal(given: Partial<Choosing<string>>): {
  needed: number
  available: number
  message: string
  hint: string
} {
  try {
    choose(given)
  } catch (error) {
    if (isVisCPMError(error, 'INSUFFICIENT_MEMORY')) return error as never
    throw error
  }
  throw new Error('was not refused')
}

describe('parseMemory', () => {
  it.each([
    ['8g', 8 * gibibyte],
    ['6.5 GB', 6.5 * gibibyte],
    ['800MiB', 800 * 2 ** 20],
    ['1t', 2 ** 40],
    ['4096', 4096],
    ['12b', 12],
    [5, 5],
    ['auto', 'auto'],
    ['normal', 'normal'],
    ['low', 'low'],
  ] as const)('%j', (option, value) => {
    expect(parseMemory(option)).toBe(value)
  })

  it.each(['', 'much', '8x', '-1g', '0', 0, -5, Number.NaN, Number.POSITIVE_INFINITY, null, {}])(
    'refuses %j',
    option => {
      expect(() => parseMemory(option as never)).toThrow('memory')
    },
  )
})

describe('a way is chosen', () => {
  it('by size: the fastest that fits', () => {
    expect(choose({ memory: '25g', machine: { total: 32 * gibibyte, free: 30 * gibibyte } })).toBe('whole')
    expect(choose({ memory: '15g', machine: { total: 32 * gibibyte, free: 30 * gibibyte } })).toBe('mapped')
    expect(choose({ memory: '9g' })).toBe('small')
  })

  it('by what is free, however much is allowed', () => {
    expect(choose({ memory: 'auto' })).toBe('small')
    expect(choose({ memory: '20g' })).toBe('small')
  })

  it('with a loss only where nothing else fits, however fast it is', () => {
    expect(choose({ memory: '4g' })).toBe('small')
    expect(choose({ memory: '3g' })).toBe('rough')
  })

  it('as said, whatever is there', () => {
    const machine = { total: gibibyte, free: 1 }
    expect(choose({ memory: 'normal', machine })).toBe('mapped')
    expect(choose({ memory: 'low', machine })).toBe('rough')
  })

  it('as usual where nothing is said and mapped weights have room in the machine', () => {
    expect(choose({})).toBe('mapped')
  })
})

describe('a model is refused', () => {
  it('that is larger than the machine, saying what fits', () => {
    const error = refusal({ machine: { total: 11 * gibibyte, free: 5 * gibibyte } })
    expect(error.message).toBe('a model takes 12.0 GB in all, and 11.0 GB are there')
    expect(error.hint).toBe(
      "memory: 'auto' (--memory auto) would take 4.0 GB. memory: 'low' (--memory low) tries all the same.",
    )
    expect(error).toMatchObject({ needed: 12 * gibibyte, available: 11 * gibibyte })
  })

  it('whose own memory is not free, mapped weights aside', () => {
    expect(refusal({ machine: { total: 16 * gibibyte, free: 2.5 * gibibyte } }).message).toContain('3.0 GB of its own')
  })

  it('that fits into a size in no way, saying what would', () => {
    const others = [
      { hint: 'viscpm quantize --dtype int8', memory: 1.5 * gibibyte },
      { hint: 'viscpm quantize --dtype int4', memory: 0.5 * gibibyte },
    ]
    const error = refusal({ memory: '1g', others })
    expect(error.message).toBe('a model takes 2.0 GB at least, and 1.0 GB are allowed')
    expect(error.hint).toContain('viscpm quantize --dtype int4 would take 0.50 GB.')
    expect(refusal({ memory: '100m', others }).hint).toContain('int4') // does not fit either, but is the least
    expect(refusal({ memory: '1g', others: [] }).hint).toBe("memory: 'low' (--memory low) tries all the same.")
    expect(refusal({ memory: 'auto', machine: { total: 16 * gibibyte, free: gibibyte } }).message).toContain('are free')
  })
})
