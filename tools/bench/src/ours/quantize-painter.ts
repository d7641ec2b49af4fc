import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Tensor, tensor, toFloat32 } from '@viscpm/core'
import { onnxruntimeNode, openAtomicSink, openCheckpoint } from '@viscpm/core/node'
import {
  calibrateUNet,
  calibrateVaeDecoder,
  type LayerRanges,
  parseUNetConfig,
  parseVaeConfig,
  type UNetCase,
  writeQuantized,
} from '@viscpm/unet-sampler'
import type { Reply, Request } from '../protocol.js'
import { Clock } from './clock.js'
import { cropped } from './painter.js'

/** Side of the latents that ranges are taken from: random weights are in the same ones at any size. */
const side = 32
const timesteps = [900, 500, 100]

/** Calibrates with the inputs that the benchmark feeds, and writes what `Painter.load` takes. */
export async function quantizePainter({
  folder,
  to,
  toWithVae,
  threads,
}: Request<'quantizePainter'>): Promise<Reply<'quantizePainter'>> {
  const clock = new Clock()
  const weights = await openCheckpoint(join(folder, 'model.safetensors'))
  const inputs = await openCheckpoint(join(folder, 'inputs.safetensors'))
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as { unet: unknown; vae?: unknown }
  const first = async (key: string) => {
    const t = await inputs.read(key)
    const shape = [1, ...t.shape.slice(1)]
    return tensor('float32', toFloat32(t).slice(0, t.data.length / t.shape[0]!), shape)
  }
  const sample = cropped(await first('latents'), side)
  const both: Tensor[] = [await first('negative'), await first('context')]
  const cases: UNetCase[] = timesteps.flatMap(timestep =>
    both.map(encoderHiddenStates => ({ sample, timestep, encoderHiddenStates })),
  )
  const common = { weights, backend: onnxruntimeNode(), threads }
  const ranges = await calibrateUNet({ ...common, prefix: 'unet.', config: parseUNetConfig(config.unet), cases })
  const write = async (output: string, ranges: LayerRanges) => {
    await mkdir(output, { recursive: true })
    await writeQuantized(await openAtomicSink(join(output, 'model.safetensors')), { weights, ranges })
    for (const name of ['config.json', 'inputs.safetensors']) await copyFile(join(folder, name), join(output, name))
  }
  await write(to, ranges)
  if (toWithVae !== undefined) {
    const decoder = { ...common, prefix: 'vae.', config: parseVaeConfig(config.vae), latents: [sample] }
    await write(toWithVae, new Map([...ranges, ...(await calibrateVaeDecoder(decoder))]))
  }
  await weights.close()
  await inputs.close()
  return { ms: clock.lap().ms, layers: ranges.size }
}
