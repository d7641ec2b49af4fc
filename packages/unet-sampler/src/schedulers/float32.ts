// torch computes samples in float32 and rounds after every operation; so do these.

/** Rounds to float32. */
export const f32: (value: number) => number = Math.fround

export const sqrt32 = (value: number): number => f32(Math.sqrt(value))
export const exp32 = (value: number): number => f32(Math.exp(value))
export const expm132 = (value: number): number => f32(Math.expm1(value))
export const log32 = (value: number): number => f32(Math.log(value))

type Term = readonly [factor: number, values: Float32Array]

/** a * x + b * y + ..., from left to right, rounded to float32 after each product and each sum. */
export function linear([factor, values]: Term, ...more: readonly Term[]): Float32Array {
  const out = new Float32Array(values.length)
  const a = f32(factor)
  for (let i = 0; i < out.length; i++) out[i] = a * values[i]!
  for (const [factor, values] of more) {
    const b = f32(factor)
    for (let i = 0; i < out.length; i++) out[i] = out[i]! + f32(b * values[i]!)
  }
  return out
}

/** x / d. Not the same as x * (1 / d) in float32. */
export function divided(values: Float32Array, divisor: number): Float32Array {
  const d = f32(divisor)
  return values.map(v => v / d)
}
