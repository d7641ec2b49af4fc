import { NonFiniteError } from '@viscpm/core'

/** The diagonal and, from index 1 on, what stands beside it. */
interface Tridiagonal {
  readonly diagonal: Float64Array
  readonly beside: Float64Array
}

/**
 * Eigenvalues of a symmetric matrix, without the vectors, in ascending order: Householder's reduction to three diagonals,
 * 4/3 size^3 operations, then QL with implicit shifts. a: [size, size], row-major; only its lower triangle is read.
 * Source: EISPACK, tred1 and imtql1.
 * @throws NonFiniteError when an entry is not finite
 */
export function symmetricEigenvalues(a: Float64Array, size: number): Float64Array {
  const bad = a.findIndex(value => !Number.isFinite(value))
  if (bad >= 0) throw new NonFiniteError({ message: `entry ${bad} of a ${size} x ${size} matrix is ${a[bad]}` })
  return implicitQL(tridiagonal(a.slice(), size)).sort()
}

/** Overwrites `a`. */
function tridiagonal(a: Float64Array, size: number): Tridiagonal {
  const diagonal = new Float64Array(size)
  const beside = new Float64Array(size)
  const product = new Float64Array(size)
  for (let i = size - 1; i >= 1; i--) {
    const u = a.subarray(i * size, i * size + i)
    diagonal[i] = a[i * size + i]!
    let scale = 0
    for (const value of u) scale = Math.max(scale, Math.abs(value))
    if (scale === 0) continue
    let norm = 0
    for (let k = 0; k < i; k++) {
      u[k] = u[k]! / scale
      norm += u[k]! * u[k]!
    }
    const last = u[i - 1]!
    const side = last > 0 ? -Math.sqrt(norm) : Math.sqrt(norm)
    beside[i] = scale * side
    const h = norm - last * side
    u[i - 1] = last - side
    multiply(a, size, u, product)
    let half = 0
    for (let k = 0; k < i; k++) {
      product[k] = product[k]! / h
      half += product[k]! * u[k]!
    }
    half /= 2 * h
    for (let k = 0; k < i; k++) product[k] = product[k]! - half * u[k]!
    for (let j = 0; j < i; j++) {
      const [f, g] = [u[j]!, product[j]!]
      const row = j * size
      for (let k = 0; k <= j; k++) a[row + k] = a[row + k]! - f * product[k]! - g * u[k]!
    }
  }
  diagonal[0] = a[0] ?? 0
  return { diagonal, beside }
}

/** out = A u for the leading part of a lower triangle. */
function multiply(a: Float64Array, size: number, u: Float64Array, out: Float64Array): void {
  const n = u.length
  out.fill(0, 0, n)
  for (let j = 0; j < n; j++) {
    const row = j * size
    const uj = u[j]!
    let sum = a[row + j]! * uj
    for (let k = 0; k < j; k++) {
      const value = a[row + k]!
      sum += value * u[k]!
      out[k] = out[k]! + value * uj
    }
    out[j] = out[j]! + sum
  }
}

const maxTurns = 60

function implicitQL({ diagonal: d, beside }: Tridiagonal): Float64Array {
  const n = d.length
  const e = new Float64Array(n)
  e.set(beside.subarray(1))
  for (let l = 0; l < n; l++) {
    for (let turn = 0; ; turn++) {
      let m = l
      while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++
      if (m === l) break
      if (turn === maxTurns) throw new NonFiniteError({ message: `eigenvalue ${l} of ${n} does not settle` })
      sweep(d, e, l, m)
    }
  }
  return d
}

/** One QL step with Wilkinson's shift on rows l to m. */
function sweep(d: Float64Array, e: Float64Array, l: number, m: number): void {
  let g = (d[l + 1]! - d[l]!) / (2 * e[l]!)
  let r = Math.hypot(g, 1)
  g = d[m]! - d[l]! + e[l]! / (g + (g < 0 ? -r : r))
  let [s, c, p] = [1, 1, 0]
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i]!
    const b = c * e[i]!
    r = Math.hypot(f, g)
    e[i + 1] = r
    if (r === 0) {
      d[i + 1] = d[i + 1]! - p
      e[m] = 0
      return
    }
    s = f / r
    c = g / r
    g = d[i + 1]! - p
    r = (d[i]! - g) * s + 2 * c * b
    p = s * r
    d[i + 1] = g + p
    g = c * r - b
  }
  d[l] = d[l]! - p
  e[l] = g
  e[m] = 0
}
