/** Shares of the sides of a picture. */
export interface Point {
  readonly x: number
  readonly y: number
}

export interface Brush {
  /** Its width, as a share of the shorter side. */
  readonly share: number
  readonly erase: boolean
}

/** Draws a stroke on a canvas of the picture's size. */
export function stroke(canvas: HTMLCanvasElement, from: Point, to: Point, { share, erase }: Brush): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  const { width, height } = canvas
  context.globalCompositeOperation = erase ? 'destination-out' : 'source-over'
  context.strokeStyle = '#e0452b'
  context.fillStyle = '#e0452b'
  context.lineWidth = share * Math.min(width, height)
  context.lineCap = 'round'
  context.lineJoin = 'round'
  context.beginPath()
  context.moveTo(from.x * width, from.y * height)
  context.lineTo(to.x * width, to.y * height)
  context.stroke()
  // Canvases draw nothing for a line of no length.
  context.beginPath()
  context.arc(to.x * width, to.y * height, context.lineWidth / 2, 0, 2 * Math.PI)
  context.fill()
}

export function isMarked(canvas: HTMLCanvasElement): boolean {
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data
  if (pixels === undefined) return false
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at]! > 127) return true
  return false
}

/** The marking as a mask: white is painted anew, black stays. PNG of the canvas's size. */
export function maskOf(canvas: HTMLCanvasElement): Promise<Blob> {
  const { width, height } = canvas
  const mask = document.createElement('canvas')
  mask.width = width
  mask.height = height
  const from = canvas.getContext('2d')?.getImageData(0, 0, width, height)
  const context = mask.getContext('2d')
  if (!from || !context) throw new Error('The browser has no canvas.')
  const { data } = from
  for (let at = 0; at < data.length; at += 4) {
    data.fill(data[at + 3]! > 127 ? 255 : 0, at, at + 3)
    data[at + 3] = 255
  }
  context.putImageData(from, 0, 0)
  return new Promise((resolve, reject) =>
    mask.toBlob(blob => (blob ? resolve(blob) : reject(new Error('The mask cannot be written.'))), 'image/png'),
  )
}
