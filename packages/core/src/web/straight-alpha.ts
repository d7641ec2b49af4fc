/** Places of red, green, blue and alpha in the formats that pictures have in browsers. */
const places: Readonly<Record<string, readonly [red: number, green: number, blue: number]>> = {
  RGBA: [0, 1, 2],
  RGBX: [0, 1, 2],
  BGRA: [2, 1, 0],
  BGRX: [2, 1, 0],
}

/**
 * A picture's RGBA as it is stored: on a canvas colours are multiplied with alpha, and those of what is fully transparent lost. A
 * frame of video gives its bytes as they are, as long as no other format is asked of it.
 * @param bitmap made with `premultiplyAlpha: 'none'`
 * @returns undefined where the browser cannot
 */
export async function straightPixels(bitmap: ImageBitmap): Promise<Uint8Array | undefined> {
  if (typeof VideoFrame === 'undefined') return undefined
  const frame = new VideoFrame(bitmap, { timestamp: 0 })
  try {
    const { format } = frame
    const place = format === null ? undefined : places[format]
    if (!place) return undefined
    const { width, height } = bitmap
    const data = new Uint8Array(width * height * 4)
    await frame.copyTo(data, { layout: [{ offset: 0, stride: width * 4 }] })
    const [red, green, blue] = place
    for (let i = 0; i < data.length; i += 4) {
      const [r, g, b] = [data[i + red]!, data[i + green]!, data[i + blue]!]
      data[i] = r
      data[i + 1] = g
      data[i + 2] = b
      if (format!.endsWith('X')) data[i + 3] = 255
    }
    return data
  } finally {
    frame.close()
  }
}
