import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { itemSize } from '../dtype.js'
import { isVisCPMError } from '../errors.js'
import { text as binUnicode, pickleTensors, pieces, tensorPieces } from '../fixtures/pickle-builder.js'
import { buildZip, type ZipPart } from '../fixtures/zip-builder.js'
import { numel } from '../tensor.js'
import { openWeights } from './open.js'
import { openShardedSafetensors } from './sharded.js'
import type { WeightSource } from './types.js'
import { entryOffsets, readZipDirectory } from './zip.js'

const seed = 20231122
const runs = 12_500
const memoryLimit = 256 * 2 ** 20

const folder = new URL('../../../../tools/parity/goldens/checkpoints/', import.meta.url)
const load = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)))
const reader = readdirSync(new URL('reader', folder)).map(name => `reader/${name}`)
const zips = [
  ...reader.filter(n => n.endsWith('.pt') && !n.endsWith('.legacy.pt')),
  'unsafe/good.pt',
  'unsafe/os-system.pt',
]

interface Mutation {
  readonly kind: 'flip' | 'set' | 'truncate' | 'splice' | 'insert' | 'delete' | 'length' | 'end'
  readonly at: number
  readonly from: number
  readonly count: number
  readonly value: bigint
}

const interesting = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  1n << 32n,
  1n << 53n,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
]

const mutation: fc.Arbitrary<Mutation> = fc.record({
  // Changes that keep the length are drawn more often: they get further into a reader.
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('flip', 'set', 'length', 'end') },
    { weight: 1, arbitrary: fc.constantFrom('truncate', 'splice', 'insert', 'delete') },
  ) as fc.Arbitrary<Mutation['kind']>,
  at: fc.nat(),
  from: fc.nat(),
  count: fc.integer({ min: 1, max: 64 }),
  value: fc.oneof(fc.constantFrom(...interesting), fc.bigInt(0n, 4096n)),
})

function mutate(input: Uint8Array, other: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  let bytes: Uint8Array = new Uint8Array(input)
  for (const { kind, at, from, count, value } of mutations) {
    const n = bytes.length
    if (n === 0) return bytes
    const p = at % n
    const piece = other.subarray(from % other.length, (from % other.length) + count)
    if (kind === 'flip') bytes[p]! ^= 1 << (from % 8)
    else if (kind === 'set') bytes[p] = Number(value & 0xffn)
    else if (kind === 'truncate') bytes = bytes.slice(0, p)
    else if (kind === 'splice') bytes.set(piece.subarray(0, n - p), p)
    else if (kind === 'insert') bytes = pieces(bytes.subarray(0, p), piece, bytes.subarray(p))
    else if (kind === 'delete') bytes = pieces(bytes.subarray(0, p), bytes.subarray(p + count))
    else {
      // A little-endian length of 1, 2, 4 or 8 bytes: anywhere, or near the end, where zip keeps its records.
      const width = 1 << (from % 4)
      const where = kind === 'end' ? Math.max(0, n - 1 - (at % 120)) : p
      for (let i = 0; i < width && where + i < n; i++) bytes[where + i] = Number((value >> BigInt(8 * i)) & 0xffn)
    }
  }
  return bytes
}

/** Everything that opens must also read, within its own bytes. */
async function readAll(source: WeightSource): Promise<void> {
  for (const key of source.keys()) {
    const { dtype, shape, nbytes } = source.info(key)
    const place = source.locate(key)
    if (place && !(place.offset >= 0 && place.offset + place.length <= place.source.size))
      throw new Error(`${key} is located outside its file`)
    const tensor = await source.read(key)
    if (
      tensor.data.length !== numel(shape) ||
      tensor.data.byteLength !== nbytes ||
      nbytes !== numel(shape) * itemSize(dtype)
    )
      throw new Error(`${key} has the wrong length`)
  }
  await source.close()
}

/** Runs one reader on mutated inputs; anything but success or a typed error fails. Returns how often each came out. */
async function fuzz(
  corpus: readonly Uint8Array[],
  open: (bytes: Uint8Array, file: number) => Promise<WeightSource>,
): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = { opened: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.nat(corpus.length - 1),
      fc.nat(corpus.length - 1),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      async (file, other, mutations) => {
        try {
          await readAll(await open(mutate(corpus[file]!, corpus[other]!, mutations), file))
          outcomes.opened!++
        } catch (error) {
          if (!isVisCPMError(error)) throw error
          outcomes[error.code] = (outcomes[error.code] ?? 0) + 1
        }
      },
    ),
    { seed, numRuns: runs, endOnFailure: true },
  )
  return outcomes
}

const peakMemory = (): number => process.resourceUsage().maxRSS * 1024

/** The parts of a zip checkpoint, so that its pickle can be changed and packed again. */
async function unpack(bytes: Uint8Array): Promise<ZipPart[]> {
  const source = memoryBytes(bytes)
  const entries = [...(await readZipDirectory(source)).values()]
  const starts = await entryOffsets(source, entries)
  return entries.map(({ name, size }, i) => ({ name, data: bytes.slice(starts[i], starts[i]! + size), crc: 0 }))
}

describe(`${4 * runs} mutated inputs, seed ${seed}`, () => {
  const before = peakMemory()
  const report: Record<string, Record<string, number>> = {}

  it('zip checkpoints', { timeout: 300_000 }, async () => {
    const corpus = zips.map(load)
    const parts = await unpack(load('reader/views.pt'))
    corpus.push(buildZip(parts, { zip64: true }), buildZip(parts.map(p => ({ ...p, wide: true }))))
    report.zip = await fuzz(corpus, bytes => openWeights(memoryBytes(bytes, 'fuzz.pt')))
    expect(report.zip.opened).toBeGreaterThan(500)
    expect(report.zip.FILE_FORMAT).toBeGreaterThan(5000)
  })

  it('pickles inside sound zip checkpoints', { timeout: 300_000 }, async () => {
    const sound = zips.filter(name => name !== 'reader/deflated.pt')
    const archives = await Promise.all(sound.map(name => unpack(load(name))))
    const isPickle = (part: ZipPart): boolean => part.name.endsWith('data.pkl')
    const tensor = { key: 'w', storage: '0', numel: 24, shape: [2, 3] }
    archives.push([
      {
        name: 'a/data.pkl',
        data: pickleTensors([tensor, { ...tensor, key: 'v', strides: [1, 2], offset: 3 }]),
        crc: 0,
      },
      { name: 'a/data/0', data: new Uint8Array(96) },
    ])
    // STACK_GLOBAL, frames and MEMOIZE of protocol 4.
    const body = pieces(']', 0x94, '(', 'h', 0, binUnicode('x'), tensorPieces(tensor), 'e', '.')
    archives.push([
      { name: 'a/data.pkl', data: pieces([0x80, 4, 0x95, body.length, 0, 0, 0, 0, 0, 0, 0], body), crc: 0 },
      archives.at(-1)![1]!,
    ])
    const corpus = archives.map(parts => parts.find(isPickle)!.data as Uint8Array)
    report.pickle = await fuzz(corpus, (bytes, file) => {
      const parts = archives[file]!.map(part => (isPickle(part) ? { ...part, data: bytes } : part))
      return openWeights(memoryBytes(buildZip(parts), 'fuzz.pt'))
    })
    expect(report.pickle.opened).toBeGreaterThan(50)
    expect(report.pickle.UNSAFE_PICKLE).toBeGreaterThan(100)
    expect(report.pickle.FILE_FORMAT).toBeGreaterThan(5000)
  })

  it('legacy checkpoints', { timeout: 300_000 }, async () => {
    const corpus = [...reader.filter(name => name.endsWith('.legacy.pt')), 'unsafe/os-system.legacy.pt'].map(load)
    report.legacy = await fuzz(corpus, bytes => openWeights(memoryBytes(bytes, 'fuzz.pt')))
    expect(report.legacy.opened).toBeGreaterThan(100)
    expect(report.legacy.UNSAFE_PICKLE).toBeGreaterThan(100)
    expect(report.legacy.FILE_FORMAT).toBeGreaterThan(5000)
  })

  it('safetensors and their index', { timeout: 300_000 }, async () => {
    const whole = load('reader/expected.safetensors')
    const two = JSON.stringify({
      a: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
      b: { dtype: 'BOOL', shape: [3], data_offsets: [8, 11] },
    })
    const small = pieces([two.length, 0, 0, 0, 0, 0, 0, 0], two, new Uint8Array(11))
    const index = new TextEncoder().encode(
      JSON.stringify({ metadata: { total_size: 11 }, weight_map: { a: 's.safetensors', b: 's.safetensors' } }),
    )
    report.safetensors = await fuzz([whole, small, small, index], bytes =>
      bytes[0] === 0x7b
        ? openShardedSafetensors(new TextDecoder().decode(bytes), async file => memoryBytes(small, file))
        : openWeights(memoryBytes(bytes, 'fuzz.safetensors')),
    )
    expect(report.safetensors.opened).toBeGreaterThan(500)
    expect(report.safetensors.FILE_FORMAT).toBeGreaterThan(5000)
  })

  it(`took less than ${memoryLimit / 2 ** 20} MB`, () => {
    const grown = peakMemory() - before
    console.info(`fuzz seed ${seed}: ${JSON.stringify(report)}, peak memory +${Math.round(grown / 2 ** 20)} MB`)
    expect(Object.keys(report).length).toBe(4)
    expect(grown).toBeLessThan(memoryLimit)
  })
})
