// Reads from a PNG file how it was painted, and paints the same pixels again: node dist/replay.js [picture.png]
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sharpCodec } from '@viscpm/core/node'
import { replay } from '@viscpm/paint'
import { readPainting, savePainting, VisCPMPaint } from '@viscpm/paint/node'

const paint = await VisCPMPaint.load('tiny')
let file = process.argv[2]
if (file === undefined) {
  file = fileURLToPath(new URL('replay.png', import.meta.url))
  const { candidates, chosen } = await paint.generate({ prompt: '一个黄色的香蕉', steps: 10, candidates: 2 })
  await savePainting(file, candidates[chosen[0]!]!)
}

const metadata = await readPainting(file)
const { options, candidate, differences } = await replay(metadata, paint)
console.log(`"${metadata.prompt}", seed ${metadata.seed}, ${metadata.steps} steps`, differences)

// A picture's pixels depend on the batch it was in, so all candidates are painted again.
const again = (await paint.generate(options)).candidates[candidate]!
const before = await sharpCodec().decode(await readFile(file))
const changed = again.image.data.filter((value, i) => value !== before.data[i]).length
console.log(`${changed} of ${before.data.length} values differ`)
if (changed > 0 && differences.length === 0) process.exitCode = 1
await paint.dispose()
