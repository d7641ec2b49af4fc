// Single-precision logarithm, sine and cosine step by step as torch's AVX2 kernel computes them (Cephes polynomials,
// multiply-add fused): only so do normals come out with torch's very bits. Source: avx_mathfun; Cephes logf, sinf, cosf.
const { fround } = Math

/** a * b + c rounded once: the product of two float32 is exact in double. */
function fma(a: number, b: number, c: number): number {
  return fround(a * b + c)
}

/** Horner's scheme, highest coefficient first. */
function polynomial(coefficients: Float32Array, x: number): number {
  let y = coefficients[0]!
  for (let i = 1; i < coefficients.length; i++) y = fma(y, x, coefficients[i]!)
  return y
}

const asFloat = new Float32Array(1)
const asBits = new Int32Array(asFloat.buffer)

const logCoefficients = Float32Array.of(
  7.037683629e-2,
  -1.151461031e-1,
  1.167699874e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
)
const sqrtHalf = fround(Math.SQRT1_2)
// ln 2 in two parts, the large one with few bits so that its products are exact.
const ln2High = fround(0.693359375)
const ln2Low = fround(-2.1219444e-4)

/** ln(x) for a normal float32 above 0. */
export function log32(x: number): number {
  asFloat[0] = x
  let exponent = (asBits[0]! >> 23) - 0x7e
  asBits[0] = (asBits[0]! & 0x807fffff) | 0x3f000000
  let m = asFloat[0] // mantissa in [0.5, 1)
  if (m < sqrtHalf) {
    exponent--
    m = fround(m - 1 + m)
  } else m = fround(m - 1)
  const z = fround(m * m)
  let y = fround(polynomial(logCoefficients, m) * m)
  y = fma(y, z, fround(exponent * ln2Low))
  y = fma(z, -0.5, y)
  return fma(exponent, ln2High, fround(m + y))
}

const cosCoefficients = Float32Array.of(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
const sinCoefficients = Float32Array.of(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
const fourOverPi = fround(4 / Math.PI)
// -pi/4 in three parts, for the same reason as ln 2.
const piQuarters = Float32Array.of(-0.78515625, -2.4187564849853516e-4, -3.774894977445941e-8)

/** [sin(x), cos(x)] into `out`, for x from 0 to some thousands. */
export function sinCos32(x: number, out: Float32Array): void {
  const octant = (Math.trunc(fround(x * fourOverPi)) + 1) & ~1
  let r = x
  for (let i = 0; i < 3; i++) r = fma(octant, piQuarters[i]!, r)
  const z = fround(r * r)
  const c = fround(fround(polynomial(cosCoefficients, z) * z) * z - fround(z * 0.5)) + 1
  const s = fma(fround(polynomial(sinCoefficients, z) * z), r, r)
  const swap = (octant & 2) !== 0
  out[0] = (octant & 4 ? -1 : 1) * (swap ? c : s)
  out[1] = ((octant - 2) & 4 ? 1 : -1) * (swap ? s : c)
}
