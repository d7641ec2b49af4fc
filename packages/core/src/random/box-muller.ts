/** Uniform draws come in, normal values go out, in blocks: values 0..7 of a block are paired with 8..15. */
const block = 16

function transform(data: Float32Array | Float64Array, start: number): void {
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
 * Source: ATen, normal_fill.
 */
export function fillNormal(data: Float32Array | Float64Array, uniform: () => number): void {
  const { length } = data
  for (let i = 0; i < length; i++) data[i] = uniform()
  for (let start = 0; start + block <= length; start += block) transform(data, start)
  if (length % block !== 0) {
    for (let i = length - block; i < length; i++) data[i] = uniform()
    transform(data, length - block)
  }
}
