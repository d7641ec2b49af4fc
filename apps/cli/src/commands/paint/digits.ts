/** Digits as 3 x 5 pixels, row by row, set bits white on black. */
const glyphs: readonly number[] = [
  0b111_101_101_101_111, 0b010_110_010_010_111, 0b111_001_111_100_111, 0b111_001_111_001_111, 0b101_101_111_001_001,
  0b111_100_111_001_111, 0b111_100_111_101_111, 0b111_001_001_001_001, 0b111_101_111_101_111, 0b111_101_111_001_111,
]

export const digitHeight = 5

/** Pixels [x, y] of a number written with these digits, from the upper left corner. */
export function digitPixels(value: number): (readonly [x: number, y: number])[] {
  return [...String(value)].flatMap((digit, i) => {
    const glyph = glyphs[Number(digit)]!
    const set = Array.from({ length: 15 }, (_, bit) => bit).filter(bit => (glyph >> (14 - bit)) & 1)
    return set.map(bit => [i * 4 + (bit % 3), Math.floor(bit / 3)] as const)
  })
}
