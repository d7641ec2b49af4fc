import { InvalidArgumentError } from '../errors.js'
import { follows } from '../weights/block-quantized.js'
import type { BlockQuantization, TensorLocation } from '../weights/types.js'
import type { GraphBuilder, Value } from './builder.js'
import type { Parameter } from './module.js'
import { channelProduct } from './qdq.js'

/** Products with int8 activations, one scale per block: twice to four times as fast as with float32 ones. */
const accuracyLevel = 4

/** See `GraphBuilder.linear`. */
export function linear(
  g: GraphBuilder,
  x: Value,
  weights: readonly Parameter[],
  { alpha = 1 }: { alpha?: number },
): Value[] {
  const scaled = alpha !== 1 && weights.some(w => w.info.quantization?.kind === 'block') ? g.mul(x, g.scalar(alpha)) : x
  return runsOf(weights).flatMap(run => {
    const [first] = run as [Parameter]
    const { quantization } = first.info
    if (quantization?.kind === 'channel') return channelProduct(g, x, first, quantization, alpha)
    if (quantization) return quantizedProduct(g, scaled, run, quantization)
    return g.fusedMatmul(x, g.parameter(first), { transB: true, alpha, name: first.key })
  })
}

/** Neighbours that one product can take together. */
function runsOf(weights: readonly Parameter[]): Parameter[][] {
  const runs: Parameter[][] = []
  for (const weight of weights) {
    const before = runs.at(-1)?.at(-1)
    if (before && adjoin(before, weight)) runs.at(-1)!.push(weight)
    else runs.push([weight])
  }
  return runs
}

function adjoin(a: Parameter, b: Parameter): boolean {
  const [p, q] = [a.info.quantization, b.info.quantization]
  if (
    p?.kind !== 'block' ||
    q?.kind !== 'block' ||
    p.bits !== q.bits ||
    p.blockSize !== q.blockSize ||
    a.shape[1] !== b.shape[1]
  )
    return false
  const [from, to] = [a.source.locate(a.key), b.source.locate(b.key)]
  return from !== undefined && to !== undefined && follows(from, to) && follows(p.scales, q.scales)
}

function quantizedProduct(
  g: GraphBuilder,
  x: Value,
  run: readonly Parameter[],
  { bits, blockSize }: BlockQuantization,
): Value[] {
  const name = run.map(p => p.key).join('+')
  const columns = run[0]!.shape[1]!
  const rows = run.map(p => p.shape[0]!)
  const all = rows.reduce((sum, n) => sum + n, 0)
  const blocks = columns / blockSize
  const stored = g.initializer({
    name,
    dtype: 'uint8',
    shape: [all, blocks, (blockSize * bits) / 8],
    location: spanned(run.map(p => p.source.locate(p.key)!)),
  })
  const scales = g.initializer({
    name: `${name}.scales`,
    dtype: 'float32',
    shape: [all, blocks],
    location: spanned(run.map(p => p.info.quantization!.scales)),
  })
  const product = g.op('MatMulNBits', [x, stored, scales], {
    domain: 'com.microsoft',
    attributes: { K: columns, N: all, bits, block_size: blockSize, accuracy_level: accuracyLevel },
    name,
  })
  return run.length === 1 ? [product] : g.splitAt(product, g.ints(...rows), run.length, -1)
}

/** Everything from the first of adjoining locations to the last. */
function spanned(locations: readonly TensorLocation[]): TensorLocation {
  const [{ source, offset }] = locations as [TensorLocation]
  return { source, offset, length: locations.reduce((sum, { length }) => sum + length, 0) }
}

/** See `GraphBuilder.gatherRows`: the rows are widened, the table stays in its file. */
export function gatherQuantizedRows(g: GraphBuilder, parameter: Parameter, indices: Value): Value {
  const { key, info, shape } = parameter
  if (info.quantization?.kind !== 'block')
    throw new InvalidArgumentError({ argument: key, message: 'is quantized by channels, and rows of it are gathered' })
  const { bits, blockSize, scales } = info.quantization
  const [rows, columns] = shape as [number, number]
  const location = parameter.source.locate(key)!
  const table = g.initializer({
    name: `${key}.rows`,
    dtype: 'uint8',
    shape: [rows, (columns * bits) / 8],
    location,
  })
  const scalesOfRows = g.initializer({
    name: `${key}.rows.scales`,
    dtype: 'float32',
    shape: [rows, columns / blockSize],
    location: scales,
  })
  return g.op('GatherBlockQuantized', [table, indices, scalesOfRows], {
    domain: 'com.microsoft',
    attributes: { bits, block_size: blockSize, gather_axis: 0, quantize_axis: 1 },
    name: key,
  })
}
