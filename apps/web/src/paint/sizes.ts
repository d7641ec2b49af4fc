export interface Size {
  readonly width: number
  readonly height: number
}

export type Shape = 'square' | 'wide' | 'tall'

/** Sizes of about the area that a model was trained on, sides divisible by 8. @param side that it paints by default */
export function sizesFor(side: number): Readonly<Record<Shape, Size>> {
  const long = eighths(side * 1.25)
  const short = eighths(side * 0.75)
  return {
    square: { width: side, height: side },
    wide: { width: long, height: short },
    tall: { width: short, height: long },
  }
}

/** Which of the sizes it is: 'default' where the model decides, 'own' for any other. */
export function shapeOf(
  width: number | undefined,
  height: number | undefined,
  side: number,
): Shape | 'default' | 'own' {
  if (width === undefined || height === undefined) return 'default'
  const sizes = sizesFor(side)
  const found = (Object.keys(sizes) as Shape[]).find(s => sizes[s].width === width && sizes[s].height === height)
  return found ?? 'own'
}

function eighths(pixels: number): number {
  return Math.max(8, Math.round(pixels / 8) * 8)
}
