import type { Image } from '@viscpm/core'

/** How two pictures differ. */
export interface PixelDifference {
  readonly same: boolean
  readonly pixels: number
  /** Pixels of which any colour differs; all of them where the sizes do. */
  readonly differing: number
  /** Of one colour of one pixel, 0 to 255. */
  readonly largest: number
  /** Of all colours of all pixels. */
  readonly mean: number
  readonly sizes?: { readonly recorded: readonly [number, number]; readonly painted: readonly [number, number] }
}

export function comparePixels(recorded: Image, painted: Image): PixelDifference {
  const pixels = recorded.width * recorded.height
  if (recorded.width !== painted.width || recorded.height !== painted.height) {
    const sizes = {
      recorded: [recorded.width, recorded.height],
      painted: [painted.width, painted.height],
    } as const
    return { same: false, pixels, differing: pixels, largest: 255, mean: 255, sizes }
  }
  let [differing, largest, sum] = [0, 0, 0]
  for (let i = 0; i < pixels; i++) {
    let differs = 0
    for (let c = 3 * i; c < 3 * i + 3; c++) {
      const difference = Math.abs(recorded.data[c]! - painted.data[c]!)
      differs = Math.max(differs, difference)
      sum += difference
    }
    if (differs > 0) differing++
    largest = Math.max(largest, differs)
  }
  return { same: differing === 0, pixels, differing, largest, mean: sum / (3 * pixels) }
}
