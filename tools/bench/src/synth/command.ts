import { parseArgs } from 'node:util'
import { cpmBee10b } from '@viscpm/cpm-bee'
import { beit3Large } from '@viscpm/qformer'
import { writeSynthChat, writeSynthPaint } from './models.js'

const usage = `pnpm bench synth chat|paint -o DIR [--layers N] [--vision-layers N] [--seed N]

Writes a checkpoint of random weights with the keys, shapes and dtypes of the published one, in the format of torch.save,
and what loading needs beside it. Full size: 20.6 GB (chat), 22.7 GB and a VAE of 0.3 GB (paint).
--layers         layers of the language model, and at most as many of the vision tower (default 48, and 24)
--vision-layers  layers of the vision tower
--seed           another seed, other weights (default 1)`

function whole(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1, not ${text}`)
  return value
}

/** `pnpm bench synth ...` @returns the exit code */
export async function synth(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o' },
      layers: { type: 'string' },
      'vision-layers': { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  const [kind] = positionals
  if (values.help || (kind !== 'chat' && kind !== 'paint') || values.output === undefined) {
    console.log(usage)
    return values.help ? 0 : 2
  }
  const layers = whole('layers', values.layers, cpmBee10b.numLayers)
  const llm = { ...cpmBee10b, numLayers: layers }
  const seed = whole('seed', values.seed, 1)
  let shown = 0
  const onBytes = (done: number, total: number): void => {
    if (done < total && performance.now() - shown < 1000) return
    shown = performance.now()
    process.stderr.write(`\r${(done / 1e9).toFixed(1)} of ${(total / 1e9).toFixed(1)} GB`)
  }
  const common = { llm, seed, onBytes }
  const started = performance.now()
  const visionLayers = whole('vision-layers', values['vision-layers'], Math.min(layers, beit3Large.numLayers))
  const { file, bytes, tensors } =
    kind === 'chat'
      ? await writeSynthChat(values.output, { ...common, vision: { ...beit3Large, numLayers: visionLayers } })
      : await writeSynthPaint(values.output, common)
  const seconds = (performance.now() - started) / 1000
  process.stderr.write('\n')
  console.log(
    `${file}: ${tensors} tensors, ${(bytes / 1e9).toFixed(2)} GB in ${seconds.toFixed(1)} s (${(bytes / 1e6 / seconds).toFixed(0)} MB/s)`,
  )
  return 0
}
