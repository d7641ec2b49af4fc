import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, MissingKeyError } from '../errors.js'
import { float32, type Tensor } from '../tensor.js'
import { memoryWeights } from './memory.js'
import { renamed, withPrefix } from './views.js'

const chat = memoryWeights(
  { query: float32([1]), 'llm.a': float32([2, 3], [1, 2]), 'llm.b.c': float32([4]) },
  'chat.pt',
)

describe('memoryWeights', () => {
  it('keeps the order of a Map, and any key', () => {
    const entries = new Map([
      ['1', float32([1])],
      ['0', float32([0])],
      ['__proto__', float32([2])],
    ])
    expect(memoryWeights(entries).keys()).toEqual(['1', '0', '__proto__'])
  })

  it('reads copies, and locates the bytes themselves', async () => {
    const values = Float32Array.of(9, 1, 2, 9).subarray(1, 3)
    const source = memoryWeights({ a: float32(values) })
    const copy = await source.read('a')
    expect(copy).toEqual({ dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) })
    copy.data[0] = 7
    expect(values[0]).toBe(1)
    const { source: bytes, offset, length } = source.locate('a')!
    expect(new Float32Array((await bytes.read(offset, length)).slice().buffer)).toEqual(values)
  })

  it('refuses data that does not fit', () => {
    const wrong = { dtype: 'float32', shape: [3], data: new Float32Array(2) } as Tensor
    expect(() => memoryWeights({ a: wrong })).toThrow(InvalidArgumentError)
  })
})

describe('withPrefix', () => {
  it('shows a part under the rest of its keys', async () => {
    const llm = withPrefix(chat, 'llm.')
    expect(llm.keys()).toEqual(['a', 'b.c'])
    expect([llm.has('a'), llm.has('llm.a'), llm.has('query')]).toEqual([true, false, false])
    expect(llm.info('a')).toMatchObject({ key: 'a', shape: [1, 2] })
    expect((await llm.read('b.c')).data).toEqual(Float32Array.of(4))
    expect(llm.locate('a')!.length).toBe(8)
    expect([llm.name, llm.format]).toEqual(['chat.pt', 'memory'])
  })

  it('has no keys outside', async () => {
    const llm = withPrefix(chat, 'llm.')
    expect(() => llm.info('query')).toThrow(MissingKeyError)
    expect(() => llm.locate('query')).toThrow(MissingKeyError)
    await expect(llm.read('query')).rejects.toBeInstanceOf(MissingKeyError)
  })
})

describe('renamed', () => {
  it('renames and leaves out', () => {
    const source = renamed(chat, key => (key === 'query' ? undefined : key.replace('llm', 'lm')))
    expect(source.keys()).toEqual(['lm.a', 'lm.b.c'])
  })

  it('refuses two tensors under one key', () => {
    expect(() => renamed(chat, () => 'same')).toThrow(/"query" and "llm\.a" of chat\.pt both become "same"/)
  })

  it('closes what it views', async () => {
    let closed = 0
    const source = { ...chat, keys: () => [], close: async () => void closed++ }
    await renamed(source as never, key => key).close()
    expect(closed).toBe(1)
  })
})
