/** Places that the kernel reaches to each side. */
export const bicubicSupport = 2

/** Keys' cubic convolution kernel with a = -0.5, as Pillow has it. Source: R. Keys, 1981. */
export function bicubic(x: number): number {
  const a = -0.5
  const t = Math.abs(x)
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1
  if (t < 2) return (((t - 5) * t + 8) * t - 4) * a
  return 0
}
