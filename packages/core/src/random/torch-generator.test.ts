import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { InvalidArgumentError } from '../errors.js'
import { openSafetensors } from '../weights/safetensors.js'
import { TorchGenerator } from './torch-generator.js'

type Op =
  | { readonly op: 'rand' | 'randn'; readonly shape: number[]; readonly dtype: 'float32' | 'float64' }
  | { readonly op: 'randint'; readonly shape: number[]; readonly low: number; readonly high: number }

interface Entry {
  readonly name: string
  readonly seed: string
  readonly ops: Op[]
  readonly program?: string
}

const fixture = (name: string) => readFile(new URL(`./fixtures/${name}`, import.meta.url))
const { entries, seeds }: { entries: Entry[]; seeds: string[] } = JSON.parse(await fixture('index.json').then(String))
const expected = await openSafetensors(memoryBytes(await fixture('rng.safetensors'), 'rng'))

const draw = (generator: TorchGenerator, op: Op) =>
  op.op === 'randint' ? generator.randint(op.low, op.high, op.shape) : generator[op.op](op.shape, op.dtype)

async function check(generator: TorchGenerator, { name, ops: [op] }: Entry) {
  const { dtype, shape, data } = draw(generator, op!)
  const wanted = await expected.read(name)
  expect({ name, dtype, shape }).toEqual({ name, dtype: wanted.dtype, shape: wanted.shape })
  if (op!.op === 'randn' && dtype === 'float64')
    for (let i = 0; i < data.length; i++)
      expect(Math.abs((data[i] as number) - (wanted.data[i] as number)), `${name}[${i}]`).toBeLessThan(1e-12)
  else expect(data, name).toEqual(wanted.data)
}

describe.each(seeds)('torch 2.13 recorded with seed %s', seed => {
  test('single draws', async () => {
    const single = entries.filter(e => e.seed === seed && !e.program)
    expect(single.length).toBeGreaterThan(15)
    for (const entry of single) await check(new TorchGenerator(BigInt(seed)), entry)
  })
  test.each(['seqA', 'seqB', 'seqC', 'seqD'])('%s: several draws of one generator', async program => {
    const draws = entries.filter(e => e.seed === seed && e.program === program)
    expect(draws.length).toBeGreaterThan(3)
    const generator = new TorchGenerator(BigInt(seed))
    for (const entry of draws) await check(generator, entry)
  })
})

test('a million float32 normals have the bits of torch.randn(1000003), seed 7', () => {
  const { data } = new TorchGenerator(7).randn([1000003])
  const hash = createHash('sha256').update(new Uint8Array(data.buffer)).digest('hex')
  expect(hash).toBe('ad521dccb4bc1400508eba77a38e216ff822aacff4dfe42f28f64d0438e817e8') // recorded with torch 2.13.0, AVX2
})

test('only the low 32 bits of a seed count', () => {
  const first = (seed: number | bigint) => new TorchGenerator(seed).random()
  expect(first(2n ** 32n + 5n)).toBe(first(5))
  expect(first(-1)).toBe(first(2 ** 32 - 1))
  expect(first(1)).not.toBe(first(2))
})

test('a restored state continues the stream, the kept normal included', () => {
  const step = fc.constantFrom<Op>(
    { op: 'randn', shape: [3], dtype: 'float32' },
    { op: 'randn', shape: [2, 9], dtype: 'float32' },
    { op: 'randn', shape: [1], dtype: 'float64' },
    { op: 'rand', shape: [700], dtype: 'float32' },
    { op: 'randint', shape: [2], low: -3, high: 2 ** 40 },
  )
  fc.assert(
    fc.property(fc.nat(), fc.array(step), fc.array(step, { minLength: 1 }), (seed, before, after) => {
      const generator = new TorchGenerator(seed)
      for (const op of before) draw(generator, op)
      const state = structuredClone(generator.getState())
      const wanted = after.map(op => draw(generator, op))
      const restored = new TorchGenerator(seed + 1).setState(state)
      expect(after.map(op => draw(restored, op))).toEqual(wanted)
    }),
    { numRuns: 100 },
  )
})

test('the state is a copy', () => {
  const generator = new TorchGenerator(3)
  const state = generator.getState()
  const first = generator.random()
  generator.random()
  expect(generator.setState(state).random()).toBe(first)
})

test('shapes, empty ones too', () => {
  const generator = new TorchGenerator(0)
  expect(generator.randn([0, 4])).toEqual({ dtype: 'float32', shape: [0, 4], data: new Float32Array() })
  expect(generator.rand([]).data.length).toBe(1)
})

test('wrong arguments are refused', () => {
  const generator = new TorchGenerator(0)
  for (const seed of [1.5, 2 ** 60, Number.NaN, 2n ** 64n, -(2n ** 63n) - 1n])
    expect(() => new TorchGenerator(seed), `${seed}`).toThrow(InvalidArgumentError)
  expect(() => generator.randn([-1])).toThrow('shape: [-1]')
  expect(() => generator.rand([2], 'float16' as 'float32')).toThrow(
    "dtype: must be 'float32' or 'float64', not 'float16'",
  )
  expect(() => generator.randint(5, 5, [1])).toThrow('high: must be above low = 5')
  expect(() => generator.randint(0.5, 5, [1])).toThrow(InvalidArgumentError)
  expect(() => generator.setState({ words: new Uint32Array(3), index: 0 })).toThrow('not a state')
})
