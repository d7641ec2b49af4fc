/** Uniform numbers in [0, 1) with 32 random bits; equal seeds give equal numbers. Source: sfc32, PractRand. */
export function seededRandom(seed: number): () => number {
  let a = seed >>> 0
  let b = Math.floor(seed / 2 ** 32) >>> 0
  let c = 0
  let counter = 1
  const next = (): number => {
    const out = (((a + b) | 0) + counter++) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + out) | 0
    return out >>> 0
  }
  // Near seeds are apart only after some rounds.
  for (let i = 0; i < 15; i++) next()
  return () => next() / 2 ** 32
}
