import { describe, expect, it } from 'vitest'
import { FileFormatError, UnsafePickleError } from '../../errors.js'
import { type PicklePiece, pieces, tensorPieces, text, tuple, u32, u64 } from '../../fixtures/pickle-builder.js'
import { torchGlobals } from './globals.js'
import { parsePickle } from './machine.js'
import { refusedOpcodes } from './opcodes.js'
import { PickleDict, type PickleSequence, PickleStorage, type PickleTensor, type PickleValue } from './values.js'

function parse(...parts: PicklePiece[]): PickleValue {
  return parseRaw(pieces([0x80, 2], ...parts, '.'))
}

function parseRaw(bytes: Uint8Array): PickleValue {
  return parsePickle(bytes, {
    file: 'test.pt',
    base: 0,
    available: bytes.length,
    globals: torchGlobals,
    persistent: id => new PickleStorage(String(id[2]), 'float32', Number(id[4])),
  }).value
}

describe('plain data', () => {
  const repeat = (count: number, ...bytes: number[]): number[] => Array.from({ length: count }, () => bytes).flat()
  const scalars: [parts: PicklePiece[], value: PickleValue][] = [
    [['N'], null],
    [[0x88], true],
    [[0x89], false],
    [['K', 200], 200],
    [['M', 0x39, 0x30], 12345],
    [['J', u32(-5)], -5],
    [[0x8a, 0], 0],
    [[0x8a, 1, 0xff], -1],
    [[0x8a, 9, ...repeat(8, 0), 0x40], 2n ** 70n],
    [[0x8b, u32(2), 0, 0x80], -32768],
    [['G', 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a], 0.1],
    [['G', 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], Number.NaN],
    [[text('检查点 😀')], '检查点 😀'],
    [[0x8c, 2, 'ab'], 'ab'],
    [[0x8d, u64(3), 'abc'], 'abc'],
  ]
  for (const [parts, value] of scalars)
    it(`${typeof value} ${value}`, () => {
      expect(parse(...parts)).toEqual(value)
    })

  it('containers, in order', () => {
    const list = parse(']', '(', 'N', 'K', 1, 0x88, 0x87, ')', 'e') as PickleSequence
    expect(list.items.length).toBe(2)
    expect((list.items[0] as PickleSequence).items).toEqual([null, 1, true])
    const dict = parse(
      '}',
      '(',
      text('b'),
      'K',
      1,
      text('a'),
      'K',
      2,
      'u',
      text('c'),
      ']',
      'K',
      9,
      'a',
      's',
    ) as PickleDict
    expect([...dict.entries!.keys()]).toEqual(['b', 'a', 'c'])
    expect((dict.entries!.get('c') as PickleSequence).items).toEqual([9])
  })

  it('memo: numbered and MEMOIZE, shared by reference', () => {
    const pair = parse(']', 'q', 0, 'h', 0, 0x86) as PickleSequence
    expect(pair.items[0]).toBe(pair.items[1])
    const other = parse(']', 0x94, 'j', u32(0), 0x86) as PickleSequence
    expect(other.items[0]).toBe(other.items[1])
  })

  it('state of an OrderedDict is kept apart from its items', () => {
    const dict = parse('ccollections\nOrderedDict\n)R', '}', text('_metadata'), 'N', 's', 'b') as PickleDict
    expect(dict.entries).toBeUndefined()
    expect([...dict.attributes!.entries!.keys()]).toEqual(['_metadata'])
  })

  it('frames and STACK_GLOBAL of protocol 4', () => {
    const body = pieces(0x8c, 11, 'collections', 0x8c, 11, 'OrderedDict', 0x93, ')', 'R', '.')
    const value = parseRaw(pieces([0x80, 4], 0x95, u64(body.length), body))
    expect(value).toBeInstanceOf(PickleDict)
  })

  it('gives the length of a pickle that something follows', () => {
    const bytes = pieces([0x80, 2], 'N', '.', 'rest')
    expect(parsePickle(bytes, { file: 'f', base: 0, available: bytes.length }).length).toBe(4)
  })
})

describe('tensors', () => {
  const rebuild = (fields: Partial<Parameters<typeof tensorPieces>[0]>): PickleTensor =>
    parse(tensorPieces({ key: 'w', storage: '3', numel: 6, shape: [2, 3], ...fields })) as PickleTensor

  it('are described, not made', () => {
    const { storage, offset, shape, strides } = rebuild({ strides: [1, 2], offset: 4 })
    expect([storage.key, storage.numel, offset, shape, strides]).toEqual(['3', 6, 4, [2, 3], [1, 2]])
  })

  it('refuse shapes, strides and offsets that are none', () => {
    for (const fields of [
      { shape: [-1] },
      { offset: -1 },
      { strides: [1] },
      { strides: [-1, 1] },
      { shape: [2n ** 62n] },
    ])
      expect(() => rebuild(fields)).toThrow(/_rebuild_tensor_v2 is called with arguments/)
  })

  it('refuse NaN and fractions as sizes', () => {
    for (const size of [Number.NaN, 1.5, Number.POSITIVE_INFINITY]) {
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setFloat64(0, size)
      expect(() => parse('ctorch\nSize\n', tuple(tuple(pieces('G', bytes))), 'R')).toThrow(/torch\.Size/)
    }
  })
})

describe('refused', () => {
  const unsafe = (refused: string, offset: number, ...parts: PicklePiece[]): void => {
    let error: unknown
    try {
      parse(...parts)
    } catch (e) {
      error = e
    }
    expect(error).toBeInstanceOf(UnsafePickleError)
    expect({ refused: (error as UnsafePickleError).refused, offset: (error as UnsafePickleError).offset }).toEqual({
      refused,
      offset,
    })
  }

  it('every name outside the allow-list, by either opcode', () => {
    for (const name of ['os system', 'builtins eval', 'torch load', 'torch FloatStorage.__init__', 'collections deque'])
      unsafe(name.replace(' ', '.'), 2, `c${name.replace(' ', '\n')}\n`)
    unsafe('posix.system', 17, 0x8c, 5, 'posix', 0x8c, 6, 'system', 0x93)
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      unsafe(`Object.${name}`, 2, `cObject\n${name}\n`)
  })

  it('every opcode that makes objects', () => {
    for (const [code, name] of refusedOpcodes) unsafe(`opcode ${name}`, 3, 'N', code)
  })

  it('calling a storage class, or state on anything but an OrderedDict', () => {
    unsafe('torch.FloatStorage', 23, 'ctorch\nFloatStorage\n', ')', 'R')
    unsafe('BUILD of dict', 4, '}', '}', 'b')
    unsafe('BUILD of list', 4, ']', '}', 'b')
  })

  it('control characters never reach a message', () => {
    expect(() => parse('cos\u001b[31m\nsystem\u0007\n')).toThrow(/"os\\u001b\[31m\.system\\u0007"/)
  })
})

describe('broken', () => {
  const cases: Record<string, PicklePiece[]> = {
    'no value': [],
    'a value left over': ['N', 'N'],
    'an open mark': ['(', 'N'],
    'a close without a mark': ['N', 't'],
    'a pop below the mark': ['N', '(', 0x85],
    'an unset memo': ['h', 3],
    'a far memo': ['N', 'r', u32(0xfffffff0)],
    'an unknown opcode': [0xff],
    'appending to a dict': ['}', 'N', 'a'],
    'setting items of a list': [']', 'N', 'N', 's'],
    'a key without value': ['}', '(', 'N', 'u'],
    'a list as key': ['}', ']', 'N', 's'],
    'a key twice': ['}', '(', text('k'), 'N', text('k'), 'N', 'u'],
    'calling None': ['N', ')', 'R'],
    'calling with a list': ['ccollections\nOrderedDict\n', ']', 'R'],
    'OrderedDict with arguments': ['ccollections\nOrderedDict\n', tuple('N'), 'R'],
    'a string that is not UTF-8': ['X', u32(2), 0xc3, 0x28],
    'a lying string length': ['X', u32(0xffffffff), 'abc'],
    'a lying 64-bit length': [0x8d, u64(2n ** 63n), 'abc'],
    'lying bytes': ['B', u32(0x7fffffff), 'abc'],
    'a lying frame': [0x95, u64(1000), 'N'],
    'a giant integer': [0x8b, u32(0x7fffffff), 1],
    'a name without end': ['c', 'a'.repeat(300)],
    'a persistent id that is no tuple': [text('x'), 'Q'],
  }
  for (const [what, parts] of Object.entries(cases))
    it(what, () => {
      expect(() => parse(...parts)).toThrow(FileFormatError)
    })

  it('other protocols', () => {
    for (const bytes of [
      [0x80, 1, 0x2e],
      [0x80, 6, 0x2e],
      [0x28, 0x2e],
    ])
      expect(() => parseRaw(Uint8Array.from(bytes))).toThrow(FileFormatError)
  })

  it('every truncation', () => {
    const whole = pieces(
      [0x80, 2],
      '}',
      text('w'),
      tensorPieces({ key: 'w', storage: '0', numel: 1, shape: [1] }),
      's',
      '.',
    )
    expect(parseRaw(whole)).toBeInstanceOf(PickleDict)
    for (let length = 0; length < whole.length; length++)
      expect(() => parseRaw(whole.slice(0, length))).toThrow(FileFormatError)
  })
})

describe('bounds', () => {
  const many = (opcode: string, count: number): string => opcode.repeat(count)

  it('memory of what is made', () => {
    expect(() => parse(many('}', 2_000_000))).toThrow(/nests too deeply|MiB of memory/)
    expect(() => parse(']', '(', many('}', 999_990), 'e', '(', many('}', 999_990), 'e')).toThrow(/MiB of memory/)
  })

  it('stack, marks and memo', () => {
    expect(() => parse(many('N', 1_100_000))).toThrow(/nests too deeply/)
    expect(() => parse(many('(', 1_100_000))).toThrow(/nests too deeply/)
    expect(() => parse('N', new Uint8Array(3_000_000).fill(0x94))).toThrow(/memo index/)
  })

  it('number of opcodes', () => {
    expect(() =>
      parse(
        'N',
        new Uint8Array(9_000_000 * 2).map((_, i) => (i % 2 ? 0 : 0x71)),
      ),
    ).toThrow(/opcodes/)
  })

  it('depth costs no call stack', () => {
    const deep = parse(many(']', 100_000), many('a', 99_999)) as PickleSequence
    expect(deep.items.length).toBe(1)
  })
})
