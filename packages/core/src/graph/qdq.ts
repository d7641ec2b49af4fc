import { InvalidArgumentError } from '../errors.js'
import { tensor } from '../tensor.js'
import type { ChannelQuantization, ValueRange } from '../weights/types.js'
import type { GraphBuilder, Value } from './builder.js'
import type { Parameter } from './module.js'

/** uint8 for the numbers of a range: value = (q - zeroPoint) * scale. Zero is exact, as padding needs it. */
export function activationQuantization([min, max]: ValueRange): { scale: number; zeroPoint: number } {
  const scale = Math.fround((Math.max(max, 0) - Math.min(min, 0)) / 255)
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-Math.min(min, 0) / scale))) }
}

const made = new WeakMap<GraphBuilder, Map<string, Value>>()

function once(g: GraphBuilder, key: string, make: () => Value): Value {
  const values = made.get(g) ?? new Map<string, Value>()
  made.set(g, values)
  const value = values.get(key) ?? make()
  values.set(key, value)
  return value
}

/** x as uint8 in a range and back: what onnxruntime looks for around a layer that it shall compute with integers. */
export function quantizeDequantize(g: GraphBuilder, x: Value, range: ValueRange): Value {
  const { scale, zeroPoint } = activationQuantization(range)
  return once(g, `${x.name} ${scale} ${zeroPoint}`, () => {
    const s = g.scalar(scale)
    const z = once(g, `zero ${zeroPoint}`, () =>
      g.constant(tensor('uint8', Uint8Array.of(zeroPoint), []), 'zero_point'),
    )
    return g.op('DequantizeLinear', [g.op('QuantizeLinear', [x, s, z]), s, z])
  })
}

/** Stored int8 [out, ...] and its scales, as the operators take them. */
function stored(
  g: GraphBuilder,
  { key, source, info }: Parameter,
  { scales }: ChannelQuantization,
): { bytes: Value; scales: Value; zeros: Value } {
  const { shape } = info
  const place = source.locate(key)
  if (!place) throw new InvalidArgumentError({ argument: key, message: 'is quantized and does not lie in one piece' })
  const [out] = shape as [number]
  return {
    bytes: g.initializer({ name: key, dtype: 'int8', shape, location: place }),
    // Left out, onnxruntime puts a scalar there in some of its rewriting, and then refuses it.
    zeros: g.constant(tensor('int8', new Int8Array(out), [out]), 'zero_points'),
    scales: g.initializer({ name: `${key}.scales`, dtype: 'float32', shape: [out], location: scales }),
  }
}

/**
 * alpha * x @ weight^T with an int8 weight [out, in]: x becomes uint8, the result is float32 at once (onnxruntime makes
 * MatMulIntegerToFloat of it), so that only what goes in is rounded.
 */
export function channelProduct(
  g: GraphBuilder,
  x: Value,
  weight: Parameter,
  quantization: ChannelQuantization,
  alpha = 1,
): Value {
  const { bytes, scales, zeros } = stored(g, weight, quantization)
  const columns = g.op('DequantizeLinear', [g.transpose(bytes, [1, 0]), scales, zeros], { attributes: { axis: 1 } })
  const rounded = quantizeDequantize(g, x, quantization.input)
  const product = g.op('MatMul', [rounded, columns], { name: weight.key })
  return alpha === 1 ? product : g.mul(product, g.scalar(alpha))
}

/**
 * A convolution with an int8 weight [out, in, rows, columns]: what goes in and comes out is rounded to uint8, or onnxruntime
 * would not make QLinearConv of it; it rounds the float32 bias to int32 by itself.
 */
export function channelConv(
  g: GraphBuilder,
  x: Value,
  weight: Parameter,
  bias: Value | undefined,
  quantization: ChannelQuantization,
  options: { kernel: readonly number[]; strides: readonly number[]; pads: readonly number[] },
): Value {
  const { input, output } = quantization
  if (!output)
    throw new InvalidArgumentError({
      argument: weight.key,
      message: 'is an int8 convolution without the range of its output',
      hint: "Make it again with 'viscpm calibrate'.",
    })
  const { bytes, scales, zeros } = stored(g, weight, quantization)
  const w = g.op('DequantizeLinear', [bytes, scales, zeros], { attributes: { axis: 0 } })
  const y = g.conv2d(quantizeDequantize(g, x, input), w, bias, { ...options, name: weight.key })
  return quantizeDequantize(g, y, output)
}
