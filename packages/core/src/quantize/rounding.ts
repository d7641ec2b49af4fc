import { InvalidArgumentError } from '../errors.js'

/** How a block's scale is chosen. Another way of choosing is another object of this form. */
export interface Rounding {
  /** Kept in the manifest. */
  readonly name: string
  /** Ratios of the plain scale to try, at most 128; none: the plain scale it is. */
  ratios(bits: 4 | 8): Float32Array
  /**
   * How much a squared error in each column of a matrix counts, [in]; undefined: all the same. The same key must always be
   * answered with the same numbers.
   * @throws InvalidArgumentError where what is known of the matrix does not fit it
   */
  columnWeights?(key: string, columns: number): Float32Array | undefined
}

/** Plain rounding: the value of a block that is farthest from 0 becomes the lowest integer. */
export const nearestRounding: Rounding = { name: 'nearest', ratios: () => new Float32Array(0) }

/** The scale of least squared error, of some fifteen and of two fitted ones. Needs no data. */
export const searchRounding: Rounding = { name: 'search', ratios: searchRatios }

/**
 * The scale of least error in what a layer gives, as far as that can be told weight by weight: errors count by the mean square
 * of the input that they are multiplied with.
 * @param meanSquares of each input channel of a matrix, by key: [in]. Matrices that are not there are searched without.
 */
export function activationWeightedRounding(meanSquares: ReadonlyMap<string, Float32Array>): Rounding {
  return {
    name: 'activation-weighted',
    ratios: searchRatios,
    columnWeights(key, columns) {
      const found = meanSquares.get(key)
      if (!found) return undefined
      if (found.length !== columns || !found.every(x => x >= 0 && x < Number.POSITIVE_INFINITY))
        throw new InvalidArgumentError({
          argument: 'meanSquares',
          message: `${key} needs ${columns} numbers from 0 on, it has ${found.length}`,
        })
      return found
    },
  }
}

/**
 * Ratios of the plain scale that the search tries, of both signs: the sign says at which end the integer is that the other end
 * lacks. Below 1 cuts off what lies farthest out, for smaller steps everywhere else.
 */
export function searchRatios(bits: 4 | 8): Float32Array {
  const ratios = bits === 4 ? range(0.64, 1.12, 0.08) : range(0.92, 1, 0.02)
  return Float32Array.from([...ratios, ...ratios.map(ratio => -ratio)].filter(ratio => ratio !== 1))
}

function range(from: number, to: number, step: number): number[] {
  const count = Math.round((to - from) / step) + 1
  // Whole hundredths: sums of steps would differ by rounding.
  return Array.from({ length: count }, (_, i) => Math.round(100 * (from + i * step)) / 100)
}
