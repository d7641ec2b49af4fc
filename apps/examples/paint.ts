// Paints a picture, says how far it is, and gives up after two minutes: node dist/paint.js [picture.png]
import { fileURLToPath } from 'node:url'
import { savePainting, VisCPMPaint } from '@viscpm/paint/node'

const file = process.argv[2] ?? fileURLToPath(new URL('painting.png', import.meta.url))
const paint = await VisCPMPaint.load('tiny')

const { candidates, chosen, seed, ranking } = await paint.generate({
  prompt: '一只红色的猫',
  preset: 'fast',
  seed: 42,
  signal: AbortSignal.timeout(120_000),
  onStep: ({ step, steps }) => process.stdout.write(`\rstep ${step} of ${steps}`),
})

// Four are painted, and the ranker takes the best. The file says how it was painted.
const best = candidates[chosen[0]!]!
await savePainting(file, best)
console.log(`\n${file}: seed ${seed}, ${ranking.by} chose number ${chosen[0]! + 1} of ${candidates.length}`)
await paint.dispose()
