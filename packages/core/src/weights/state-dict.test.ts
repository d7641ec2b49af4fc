import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { FileFormatError } from '../errors.js'
import { type PicklePiece, pieces, tensorPieces, text } from '../fixtures/pickle-builder.js'
import { buildZip } from '../fixtures/zip-builder.js'
import { openTorch } from './torch.js'
import type { WeightSource } from './types.js'

const numel = 24
const tensor = tensorPieces({ key: '', storage: '0', numel, shape: [2, 3] })

/** Opens a checkpoint whose object is these pieces, over one storage of 24 float32. */
function open(...object: PicklePiece[]): Promise<WeightSource> {
  const parts = [
    { name: 'a/data.pkl', data: pieces([0x80, 2], ...object, '.') },
    { name: 'a/data/0', data: new Uint8Array(4 * numel) },
  ]
  return openTorch(memoryBytes(buildZip(parts), 'test.pt'))
}

async function failure(...object: PicklePiece[]): Promise<string> {
  const error = await open(...object).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(FileFormatError)
  return (error as Error).message
}

const item = (key: string, value: PicklePiece): Uint8Array => pieces(text(key), value, 's')
const view = (shape: (number | bigint)[], strides: number[], offset = 0): Uint8Array =>
  tensorPieces({ key: '', storage: '0', numel, shape, strides, offset })
/** 60 tuples, each the one before twice: 2^60 paths in a few hundred bytes. */
const doubling = Array.from({ length: 60 }, (_, i) => pieces('h', i, 'h', i, 0x86, 'q', i + 1))

describe('keys', () => {
  it('join dicts, lists and numbers by dots', async () => {
    const nested = pieces('}', item('b', tensor), 'K', 7, tensor, 's')
    const source = await open(
      '}',
      item('x', nested),
      item('y', pieces(']', tensor, 'a', tensor, 'a')),
      item('', tensor),
    )
    expect(source.keys()).toEqual(['x.b', 'x.7', 'y.0', 'y.1', ''])
  })

  it('name one tensor twice when it is shared', async () => {
    const source = await open('}', text('a'), tensor, 'q', 0, 's', text('b'), 'h', 0, 's')
    expect(source.locate('a')).toEqual(source.locate('b'))
  })

  it('are refused when two are the same, or one is no text', async () => {
    expect(await failure('}', item('a.b', tensor), item('a', pieces('}', item('b', tensor))))).toMatch(
      /two tensors have the key "a\.b"/,
    )
    expect(await failure('}', 'N', tensor, 's')).toMatch(/a tensor under a key that is a None/)
    expect(await failure('}', item('k'.repeat(2000), tensor))).toMatch(/has 2000 characters/)
  })
})

describe('nesting', () => {
  it('that doubles without end is bounded, with tensors and without', async () => {
    expect(await failure('(', tensor, 'q', 0, ...doubling, 't')).toMatch(/over 100000 tensors/)
    expect(await failure('(', ']', 'q', 0, ...doubling, 't')).toMatch(/over \d+ values/)
  })

  it('that contains itself is bounded', async () => {
    expect(await failure(']', 'q', 0, 'h', 0, 'a')).toMatch(/over 64 levels/)
  })
})

describe('views of a storage', () => {
  it('lie at their offset', async () => {
    const whole = (await open('}', item('a', tensor))).locate('a')!
    const part = await open('}', item('a', view([2, 3], [3, 1], 4)))
    expect([part.locate('a')!.length, part.locate('a')!.offset % 4]).toEqual([24, whole.offset % 4])
    expect((await open('}', item('a', view([1, 24], [999, 1])))).locate('a')!.length).toBe(96)
  })

  it('may repeat it, but not to any size', async () => {
    const source = await open('}', item('a', view([1000, 3], [0, 1])))
    expect(source.locate('a')).toBeUndefined()
    expect((await source.read('a')).data.length).toBe(3000)
    expect(await failure('}', item('a', view([2 ** 40], [0])))).toMatch(
      /repeats a storage of 24 elements to 1099511627776/,
    )
  })

  it('must lie inside it', async () => {
    for (const outside of [view([25], [1]), view([2, 3], [3, 1], 19), view([5, 2], [6, 1]), view([2], [2 ** 53 - 1])])
      expect(await failure('}', item('a', outside))).toMatch(/reaches element \d+ of a storage of 24/)
    expect((await open('}', item('a', view([2, 3], [3, 1], 18)))).info('a').nbytes).toBe(24)
  })

  it('must have a shape that can be counted', async () => {
    expect(await failure('}', item('a', view([2 ** 40, 2 ** 40], [0, 0])))).toMatch(/impossible shape/)
    const many = new Array<number>(65).fill(1)
    expect(await failure('}', item('a', view(many, many)))).toMatch(/impossible shape/)
    const empty = await open('}', item('a', view([2 ** 40, 0], [1, 1], 999)))
    expect((await empty.read('a')).data.length).toBe(0)
  })
})
