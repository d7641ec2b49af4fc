import { describe, expect, it } from 'vitest'
import { MissingKeyError, UnexpectedKeyError, WrongShapeError } from '../errors.js'
import { zeros } from '../tensor.js'
import { memoryWeights } from './memory.js'
import { checkKeys, type KeyCheck } from './strict.js'

const source = memoryWeights(
  { w: zeros('float32', [2, 3]), b: zeros('float32', [2]), 'head.w': zeros('float32', [9]) },
  'model.pt',
)
const expected = new Map([
  ['w', [2, 3]],
  ['b', [2]],
])
const ignored = [{ pattern: /^head\./g, reason: 'only training uses it' }]

function failure(check: Partial<KeyCheck>): unknown {
  try {
    return checkKeys({ source, expected, ignored, ...check })
  } catch (error) {
    return error
  }
}

describe('checkKeys', () => {
  it('lists what is ignored, with its reason, every time', () => {
    for (let i = 0; i < 2; i++)
      expect(checkKeys({ source, expected, ignored })).toEqual([{ key: 'head.w', reason: 'only training uses it' }])
  })

  it('names all missing keys first', () => {
    const error = failure({ expected: new Map([...expected, ['x', [1]], ['y', [1]]]), ignored: [] }) as MissingKeyError
    expect(error).toBeInstanceOf(MissingKeyError)
    expect(error.keys).toEqual(['x', 'y'])
    expect(error.message).toContain('model.pt')
  })

  it('names all unexpected keys', () => {
    const error = failure({ ignored: [] }) as UnexpectedKeyError
    expect(error).toBeInstanceOf(UnexpectedKeyError)
    expect(error.keys).toEqual(['head.w'])
  })

  it('names a wrong shape, also one of another rank', () => {
    for (const shape of [[3, 2], [2, 3, 1], [6], []]) {
      const error = failure({ expected: new Map([...expected, ['w', shape]]) }) as WrongShapeError
      expect(error).toBeInstanceOf(WrongShapeError)
      expect([error.key, error.expected, error.actual]).toEqual(['w', shape, [2, 3]])
    }
  })

  it('never ignores what is expected', () => {
    const all = new Map([...expected, ['head.w', [8]]])
    expect(failure({ expected: all })).toBeInstanceOf(WrongShapeError)
    expect(checkKeys({ source, expected: new Map([...expected, ['head.w', [9]]]), ignored })).toEqual([])
  })
})
