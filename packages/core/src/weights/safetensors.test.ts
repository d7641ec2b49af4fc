import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { FileFormatError } from '../errors.js'
import { openSafetensors, type SafetensorsSource } from './safetensors.js'

/** A file of this header (text, or an object) and so many data bytes. */
function build(header: unknown, dataLength: number, claim?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + dataLength)
  new DataView(bytes.buffer).setBigUint64(0, claim ?? BigInt(json.length), true)
  bytes.set(json, 8)
  for (let i = 0; i < dataLength; i++) bytes[8 + json.length + i] = i & 1
  return bytes
}

const open = (header: unknown, dataLength: number, claim?: bigint): Promise<SafetensorsSource> =>
  openSafetensors(memoryBytes(build(header, dataLength, claim), 'x.safetensors'))

const entry = (dtype: string, shape: unknown, begin: number, end: number): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

describe('openSafetensors', () => {
  it('reads every dtype, scalars, empty tensors and metadata, in file order', async () => {
    const source = await open(
      {
        b: entry('BOOL', [3], 32, 35),
        u8: entry('U8', [1], 35, 36),
        i8: entry('I8', [1], 36, 37),
        __metadata__: { format: 'pt', 说明: '猫' },
        f64: entry('F64', [], 0, 8),
        i64: entry('I64', [1], 8, 16),
        f32: entry('F32', [1], 16, 20),
        i32: entry('I32', [1], 20, 24),
        f16: entry('F16', [1], 24, 26),
        bf16: entry('BF16', [2], 26, 30),
        i16: entry('I16', [1], 30, 32),
        empty: entry('F32', [4, 0], 37, 37),
      },
      37,
    )
    expect(source.keys()).toEqual(['f64', 'i64', 'f32', 'i32', 'f16', 'bf16', 'i16', 'b', 'u8', 'i8', 'empty'])
    expect([...source.metadata]).toEqual([
      ['format', 'pt'],
      ['说明', '猫'],
    ])
    expect((await source.read('b')).data).toEqual(Uint8Array.of(0, 1, 0))
    expect(await source.read('bf16')).toEqual({ dtype: 'bfloat16', shape: [2], data: Uint16Array.of(0x0100, 0x0100) })
    expect((await source.read('empty')).data.length).toBe(0)
    expect(source.info('f64')).toEqual({ key: 'f64', dtype: 'float64', shape: [], strides: [], nbytes: 8 })
    const place = source.locate('f32')!
    expect(place.offset).toBe(place.source.size - 37 + 16)
  })

  it('allows space after the header, and keys like __proto__', async () => {
    const source = await open(`{"__proto__":${JSON.stringify(entry('U8', [2], 0, 2))}}   \n`, 2)
    expect(source.keys()).toEqual(['__proto__'])
    expect((await open('{}', 0)).keys()).toEqual([])
  })

  it('gives copies', async () => {
    const source = await open({ a: entry('U8', [2], 0, 2) }, 2)
    const first = await source.read('a')
    first.data[0] = 99
    expect((await source.read('a')).data).toEqual(Uint8Array.of(0, 1))
  })

  const u8 = (begin: number, end: number): object => entry('U8', [end - begin], begin, end)
  const refused: Record<string, [header: unknown, data: number, message: RegExp, claim?: bigint]> = {
    'a header longer than the file': [{ a: u8(0, 2) }, 2, /longer than the file/, 10_000n],
    'a header of 2^63 bytes': [{ a: u8(0, 2) }, 2, /longer than the file/, 1n << 63n],
    'text before the header': [` ${JSON.stringify({ a: u8(0, 2) })}`, 2, /'\{' was expected/],
    'text after the header': [`${JSON.stringify({ a: u8(0, 2) })}x`, 2, /something follows/],
    'a cut header': ['{"a":{"dtype":"U8","shape":[2],"data_off', 2, /string without end/],
    'an unknown dtype': [{ a: entry('F8_E4M3', [2], 0, 2) }, 2, /dtype "F8_E4M3" is not supported/],
    'a size that is not the shape': [{ a: entry('F32', [2], 0, 4) }, 4, /has 4 bytes; float32 of shape \[2\] needs 8/],
    'a negative size': [{ a: entry('U8', [-1], 0, 2) }, 2, /whole number >= 0/],
    'a fraction': [{ a: entry('U8', [1.5], 0, 2) }, 2, /whole number >= 0/],
    'an exponent': ['{"a":{"dtype":"U8","shape":[1e3],"data_offsets":[0,2]}}', 2, /whole number >= 0/],
    'an impossible shape': [{ a: entry('U8', [2 ** 40, 2 ** 40], 0, 2) }, 2, /impossible shape/],
    'a hundred dimensions': [{ a: entry('U8', new Array(100).fill(1), 0, 1) }, 1, /more than 64 numbers/],
    'offsets that run backwards': [{ a: entry('U8', [2], 2, 0) }, 2, /has -2 bytes/],
    'three offsets': [{ a: { dtype: 'U8', shape: [2], data_offsets: [0, 1, 2] } }, 2, /more than 2 numbers/],
    'a missing field': [{ a: { dtype: 'U8', shape: [2] } }, 2, /needs dtype, shape and two data_offsets/],
    'an unknown field': [{ a: { ...u8(0, 2), strides: [1] } }, 2, /field "strides" is unknown/],
    'an overlap': [{ a: u8(0, 4), b: u8(2, 4) }, 4, /"b" overlaps the tensor before it/],
    'a hole': [{ a: u8(0, 2), b: u8(3, 4) }, 4, /"b" follows a hole/],
    'data after the last tensor': [{ a: u8(0, 2) }, 5, /3 bytes follow the last tensor/],
    'data cut off': [{ a: u8(0, 9) }, 5, /cut off: "a" ends 4 bytes beyond it/],
    'a key twice': [`{"a":${JSON.stringify(u8(0, 2))},"a":${JSON.stringify(u8(0, 2))}}`, 2, /key "a" is there twice/],
    'metadata that is not text': [{ __metadata__: { a: 1 } }, 0, /a string was expected/],
    'half a surrogate pair': [`{"\\ud800":${JSON.stringify(u8(0, 2))}}`, 2, /surrogate/],
    'a key of 2000 characters': [{ ['k'.repeat(2000)]: u8(0, 2) }, 2, /a key of 2000 characters/],
  }
  for (const [what, [header, data, message, claim]] of Object.entries(refused))
    it(`refuses ${what}`, async () => {
      const error = await open(header, data, claim).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(FileFormatError)
      expect((error as Error).message).toMatch(message)
    })

  it('refuses a header over the limit before it is read', async () => {
    const source = {
      name: 'big.safetensors',
      size: 2 ** 40,
      async read(offset: number, length: number) {
        if (offset + length > 8) throw new Error('read too far')
        return new Uint8Array(new BigUint64Array([200_000_000n]).buffer)
      },
      async close() {},
    }
    await expect(openSafetensors(source)).rejects.toThrow(/header has 200000000 bytes, over the limit/)
  })

  it('refuses a header that is not UTF-8, and bool bytes above 1', async () => {
    const bytes = build({ ab: u8(0, 2) }, 2)
    bytes[10] = 0xff
    await expect(openSafetensors(memoryBytes(bytes))).rejects.toThrow(/not UTF-8/)
    const bools = build({ a: entry('BOOL', [2], 0, 2) }, 2)
    bools[bools.length - 1] = 2
    await expect((await openSafetensors(memoryBytes(bools))).read('a')).rejects.toThrow(
      /is bool and holds bytes above 1/,
    )
  })

  it('refuses every truncation', async () => {
    const bytes = build({ a: u8(0, 4), b: u8(4, 9) }, 9)
    await openSafetensors(memoryBytes(bytes))
    for (let length = 0; length < bytes.length; length++)
      await expect(openSafetensors(memoryBytes(bytes.slice(0, length)))).rejects.toBeInstanceOf(FileFormatError)
  })
})
