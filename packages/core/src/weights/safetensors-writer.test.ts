import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { allocate, type DType, itemSize } from '../dtype.js'
import { DisposedError, InvalidArgumentError } from '../errors.js'
import { float32, int32, numel, type Tensor, tensor } from '../tensor.js'
import { memoryWeights } from './memory.js'
import { openSafetensors } from './safetensors.js'
import { SafetensorsWriter } from './safetensors-writer.js'
import { type ByteSink, memorySink } from './sink.js'
import { writeSafetensors } from './write.js'

const dtypes: DType[] = [
  'float64',
  'float32',
  'float16',
  'bfloat16',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint8',
  'bool',
]

const anyTensor: fc.Arbitrary<Tensor> = fc
  .record({ dtype: fc.constantFrom(...dtypes), shape: fc.array(fc.nat(5), { maxLength: 4 }), seed: fc.nat() })
  .map(({ dtype, shape, seed }) => {
    const data = allocate(dtype, numel(shape))
    const bytes = new Uint8Array(data.buffer)
    for (let i = 0; i < bytes.length; i++) bytes[i] = dtype === 'bool' ? (seed >> (i % 30)) & 1 : (seed + i * 37) & 255
    return tensor(dtype, data as never, shape)
  })

describe('writeSafetensors', () => {
  it('writes what reads back to the same bits, for any tensors, keys and metadata', async () => {
    const anyKey = fc.string({ maxLength: 20, unit: 'grapheme' }).filter(key => key !== '__metadata__')
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(anyKey, anyTensor), { selector: ([key]) => key, maxLength: 12 }),
        fc.dictionary(anyKey, fc.string({ unit: 'grapheme' }), { maxKeys: 3 }),
        async (entries, metadata) => {
          const sink = memorySink()
          await writeSafetensors(sink, memoryWeights(new Map(entries)), { metadata })
          const source = await openSafetensors(memoryBytes(sink.bytes()!))
          expect([...source.keys()].sort()).toEqual(entries.map(([key]) => key).sort())
          expect(Object.fromEntries(source.metadata)).toEqual({ ...metadata })
          for (const [key, written] of entries) {
            const read = await source.read(key)
            expect([read.dtype, read.shape]).toEqual([written.dtype, written.shape])
            // Compared as bytes: NaN differs from itself.
            expect(Buffer.from(read.data.buffer)).toEqual(Buffer.from(written.data.buffer))
            expect(source.locate(key)!.offset % itemSize(written.dtype)).toBe(0)
          }
        },
      ),
      { numRuns: 200, seed: 7 },
    )
  })

  it('reports progress in bytes, and nothing is left when it is aborted', async () => {
    const weights = memoryWeights({ a: float32([1, 2]), b: int32([3]) })
    const seen: number[] = []
    await writeSafetensors(memorySink(), weights, { onProgress: p => seen.push(p.done, p.total!) })
    expect(seen).toEqual([8, 12, 12, 12])

    const abort = new AbortController()
    const sink = memorySink()
    const writing = writeSafetensors(sink, weights, { signal: abort.signal, onProgress: () => abort.abort('enough') })
    await expect(writing).rejects.toBe('enough')
    expect(sink.bytes()).toBeUndefined()
  })
})

describe('SafetensorsWriter', () => {
  const specs = [
    { key: 'half', dtype: 'float16', shape: [2] },
    { key: 'wide', dtype: 'int64', shape: [1] },
    { key: 'none', dtype: 'float32', shape: [0, 3] },
  ] as const

  it('takes the data in pieces, wide dtypes first, and knows the size of the file', async () => {
    const sink = memorySink()
    const writer = new SafetensorsWriter(sink, specs)
    expect(writer.keys).toEqual(['wide', 'none', 'half'])
    await writer.write('wide', new BigInt64Array([-1n]))
    await writer.write('none', new Float32Array(0))
    await writer.write('half', new Uint8Array([1, 2, 3]))
    await writer.write('half', new Uint8Array([4]))
    expect(sink.bytes()).toBeUndefined()
    await writer.finish()
    expect(sink.bytes()!.length).toBe(writer.size)
    const source = await openSafetensors(memoryBytes(sink.bytes()!))
    expect((await source.read('half')).data).toEqual(Uint16Array.of(0x0201, 0x0403))
    expect((await source.read('wide')).data).toEqual(new BigInt64Array([-1n]))
  })

  const misuse: Record<string, (writer: SafetensorsWriter) => Promise<void>> = {
    'another key': writer => writer.write('half', new Uint8Array(4)),
    'an unknown key': writer => writer.write('other', new Uint8Array(0)),
    'too many bytes': writer => writer.write('wide', new Uint8Array(9)),
    'too few bytes': writer => writer.finish(),
    'data after the last': async writer => {
      await writer.write('wide', new Uint8Array(8))
      await writer.write('half', new Uint8Array(4))
      await writer.write('half', new Uint8Array(1))
    },
  }
  for (const [what, misused] of Object.entries(misuse))
    it(`refuses ${what} and drops the file`, async () => {
      const calls: string[] = []
      const sink: ByteSink = {
        name: 'test',
        write: async () => {},
        commit: async () => void calls.push('commit'),
        abort: async () => void calls.push('abort'),
      }
      const writer = new SafetensorsWriter(sink, specs)
      await expect(misused(writer)).rejects.toBeInstanceOf(InvalidArgumentError)
      expect(calls).toEqual(['abort'])
      await expect(writer.write('wide', new Uint8Array(8))).rejects.toBeInstanceOf(DisposedError)
      await writer.abort()
      expect(calls).toEqual(['abort'])
    })

  it('refuses lists of tensors that no file can hold', () => {
    const make = (...tensors: { key: string; dtype: DType; shape: number[] }[]): SafetensorsWriter =>
      new SafetensorsWriter(memorySink(), tensors)
    const a = { key: 'a', dtype: 'uint8', shape: [1] } as const
    expect(() => make({ ...a, shape: [1] }, { ...a, shape: [1] })).toThrow(/"a" is there twice/)
    expect(() => make({ ...a, shape: [-1] })).toThrow(/impossible shape/)
    expect(() => make({ ...a, shape: [2 ** 60] })).toThrow(/impossible shape/)
    expect(() => make({ ...a, key: '__metadata__', shape: [1] })).toThrow(/cannot be a key/)
    expect(() => make({ ...a, key: '\ud800', shape: [1] })).toThrow(/cannot be a key/)
  })
})
