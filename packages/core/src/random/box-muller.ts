import { log32, sinCos32 } from './float32-math.js'

/** Uniform draws come in, normal values go out, in blocks: values 0..7 of a block are paired with 8..15. */
const block = 16

const { fround } = Math
const twoPi32 = fround(2 * Math.PI)
const sinCos = new Float32Array(2)

function transformFloat32(data: Float32Array, start: number): void {
  for (let i = start; i < start + block / 2; i++) {
    const radius = fround(Math.sqrt(-2 * log32(1 - data[i]!)))
    sinCos32(fround(twoPi32 * data[i + block / 2]!), sinCos)
    data[i] = radius * sinCos[1]!
    data[i + block / 2] = radius * sinCos[0]!
  }
}

function transformFloat64(data: Float64Array, start: number): void {
  for (let i = start; i < start + block / 2; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - data[i]!))
    const angle = 2 * Math.PI * data[i + block / 2]!
    data[i] = radius * Math.cos(angle)
    data[i + block / 2] = radius * Math.sin(angle)
  }
}

/**
 * Fills at least 16 values as torch.randn does for them: every value uniform first, then block by block in place;
 * a rest is covered by drawing 16 new uniforms over the last 16 values.
 * @param uniform next uniform of the array's precision, in [0, 1)
 * Source: ATen, normal_fill and normal_fill_AVX2.
 */
export function fillNormal(data: Float32Array | Float64Array, uniform: () => number): void {
  const { length } = data
  const transform = (start: number) =>
    data instanceof Float32Array ? transformFloat32(data, start) : transformFloat64(data, start)
  for (let i = 0; i < length; i++) data[i] = uniform()
  for (let start = 0; start + block <= length; start += block) transform(start)
  if (length % block !== 0) {
    for (let i = length - block; i < length; i++) data[i] = uniform()
    transform(length - block)
  }
}
