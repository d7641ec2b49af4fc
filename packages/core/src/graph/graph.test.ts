import { describe, expect, it } from 'vitest'
import { MissingKeyError, UnexpectedKeyError, WrongShapeError } from '../errors.js'
import { float32ToFloat16 } from '../float16.js'
import { onnxruntimeNode } from '../node/onnxruntime.js'
import { float32, int32, tensor } from '../tensor.js'
import { memoryWeights } from '../weights/index.js'
import { bindWeights, GraphBuilder, LayerNorm, Linear, Module, Parameter, type Value } from './index.js'

class Pair extends Module {
  readonly first: Linear = new Linear(3, 2)
  readonly norms: readonly LayerNorm[] = [new LayerNorm(2)]
  readonly named: { scale: Parameter } = { scale: new Parameter(2) }

  build(g: GraphBuilder, x: Value): Value {
    return g.mul(this.norms[0]!.build(g, this.first.build(g, x)), g.parameter(this.named.scale))
  }
}

const values = {
  'first.weight': float32([1, 2, 3, 4, 5, 6], [2, 3]),
  'first.bias': float32([0.5, -0.5]),
  'norms.0.weight': float32([1, 1]),
  'norms.0.bias': float32([0, 1]),
  'named.scale': float32([2, 3]),
}

describe('Module', () => {
  it('names parameters by their path, like a state dict', () => {
    expect([...new Pair().namedParameters().keys()]).toEqual(Object.keys(values))
    expect([...new Pair().namedParameters('llm').keys()][0]).toBe('llm.first.weight')
  })

  it('binds strictly: missing, unexpected and misshapen keys are errors that name them', () => {
    const { 'named.scale': _, ...missing } = values
    expect(() => bindWeights(new Pair(), memoryWeights(missing))).toThrow(MissingKeyError)
    expect(() => bindWeights(new Pair(), memoryWeights({ ...values, extra: float32([1]) }))).toThrow(UnexpectedKeyError)
    const turned = { ...values, 'first.weight': float32([1, 2, 3, 4, 5, 6], [3, 2]) }
    expect(() => bindWeights(new Pair(), memoryWeights(turned))).toThrow(WrongShapeError)
  })

  it('reports ignored keys with their reason, and leaves other prefixes alone', () => {
    const prefixed = Object.fromEntries(Object.entries(values).map(([k, v]) => [`a.${k}`, v]))
    const source = memoryWeights({ ...prefixed, 'a.dead': float32([1]), 'b.other': float32([1]) })
    const ignored = bindWeights(new Pair(), source, {
      prefix: 'a.',
      ignored: [{ pattern: /^a\.dead$/, reason: 'only used in training' }],
    })
    expect(ignored).toEqual([{ key: 'a.dead', reason: 'only used in training' }])
  })
})

async function run(weights: Record<string, ReturnType<typeof float32>> | Parameters<typeof memoryWeights>[0]) {
  const module = new Pair()
  bindWeights(module, memoryWeights(weights))
  const g = new GraphBuilder('pair')
  g.output('y', module.build(g, g.input('x', 'float32', ['rows', 3])), 'float32', ['rows', 2])
  return onnxruntimeNode().createSession(await g.finish())
}

/** (x W^T + b), layer norm, scale, worked out by hand. */
function expected(x: readonly number[]): number[] {
  const y = [x[0]! + 2 * x[1]! + 3 * x[2]! + 0.5, 4 * x[0]! + 5 * x[1]! + 6 * x[2]! - 0.5]
  const mean = (y[0]! + y[1]!) / 2
  const deviation = Math.sqrt(((y[0]! - mean) ** 2 + (y[1]! - mean) ** 2) / 2 + 1e-5)
  return [((y[0]! - mean) / deviation) * 2, ((y[1]! - mean) / deviation + 1) * 3]
}

describe('GraphBuilder', () => {
  it('builds what the runtime computes', async () => {
    const session = await run(values)
    const { y } = await session.run({ x: float32([1, 0, 2, -1, 3, 1], [2, 3]) })
    const want = [...expected([1, 0, 2]), ...expected([-1, 3, 1])]
    expect(y!.shape).toEqual([2, 2])
    want.forEach((v, i) => {
      expect(y!.data[i]).toBeCloseTo(v, 5)
    })
    await session.dispose()
  })

  it('takes half-precision weights as they are', async () => {
    const half = { ...values, 'first.weight': tensor('float16', float32ToFloat16([1, 2, 3, 4, 5, 6]), [2, 3]) }
    const session = await run(half)
    const { y } = await session.run({ x: float32([1, 0, 2], [1, 3]) })
    expected([1, 0, 2]).forEach((v, i) => {
      expect(y!.data[i]).toBeCloseTo(v, 5)
    })
    await session.dispose()
  })

  it('passes half-precision tensors in and out as their bits', async () => {
    const g = new GraphBuilder('half')
    g.output(
      'y',
      g.add(g.input('x', 'float16', [2]), g.constant(tensor('float16', float32ToFloat16([1, 2]), [2]))),
      'float16',
      [2],
    )
    const session = await onnxruntimeNode().createSession(await g.finish())
    const { y } = await session.run({ x: tensor('float16', float32ToFloat16([0.5, -4]), [2]) })
    expect(y!.data).toEqual(float32ToFloat16([1.5, -2]))
    await session.dispose()
  })
})

describe('Session', () => {
  it('names every wrong input before it runs, and stays usable', async () => {
    const session = await run(values)
    await expect(session.run({})).rejects.toThrow('x is missing')
    await expect(session.run({ x: int32([1, 2, 3], [1, 3]) })).rejects.toThrow('x is int32, not float32')
    await expect(session.run({ x: float32([1, 2], [1, 2]) })).rejects.toThrow('x is [1,2], not [rows,3]')
    const x = float32([1, 0, 2], [1, 3])
    await expect(session.run({ x, z: x })).rejects.toThrow('z is no input')
    await expect(session.run({ x }, ['w'])).rejects.toThrow('has no output w')
    await expect(session.run({ x })).resolves.toHaveProperty('y')
    await session.dispose()
  })

  it('refuses to run after dispose, which may be called twice', async () => {
    const session = await run(values)
    await session.dispose()
    await session.dispose()
    await expect(session.run({ x: float32([1, 0, 2], [1, 3]) })).rejects.toMatchObject({ code: 'DISPOSED' })
  })

  it('turns a graph that the runtime refuses into a typed error', async () => {
    const g = new GraphBuilder('broken')
    g.output('y', g.op('NoSuchOperator', [g.input('x', 'float32', [1])]), 'float32', [1])
    await expect(onnxruntimeNode().createSession(await g.finish())).rejects.toMatchObject({ code: 'SESSION' })
  })
})
