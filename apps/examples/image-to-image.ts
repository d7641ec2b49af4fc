// Paints over the lower half of a picture, starting from what is there: node dist/image-to-image.js [picture.png]
import { fileURLToPath } from 'node:url'
import { loadImage } from '@viscpm/chat/node'
import { resize } from '@viscpm/core/image'
import { savePainting, VisCPMPaint } from '@viscpm/paint/node'

const file = process.argv[2] ?? fileURLToPath(new URL('image-to-image.png', import.meta.url))
const demo = fileURLToPath(import.meta.resolve('@viscpm/tiny/pictures/apple.png'))
const paint = await VisCPMPaint.load('tiny')
const side = paint.defaultSize
const image = resize(await loadImage(demo), side, side)

// White is painted anew, black stays.
const mask = { width: side, height: side, data: new Uint8Array(3 * side * side).fill(255, (3 * side * side) / 2) }
const { candidates, chosen } = await paint.generate({
  ...{ prompt: 'a green apple', image, mask, strength: 0.7 },
  ...{ steps: 20, candidates: 2, seed: 7 },
})

await savePainting(file, candidates[chosen[0]!]!)
console.log(`${file}: the upper half of ${demo}, the lower painted over`)
await paint.dispose()
