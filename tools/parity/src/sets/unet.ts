import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tensor, WeightSource } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { parseUNetConfig, UNet2DConditionModel } from '@viscpm/unet-sampler'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { errorOf } from './tensors.js'

const tolerance = { out: 5e-5, intermediate: 1e-4 }

type Inputs = readonly [sample: Tensor, timestep: Tensor, encoderHiddenStates: Tensor]

async function inputsOf(recorded: WeightSource, name: string): Promise<Inputs> {
  const read = (key: string) => recorded.read(`${name}/${key}`)
  return [await read('sample'), await read('timestep'), await read('encoder_hidden_states')]
}

/** Every module's result that was recorded, from the graph that shows them. */
async function compareModules(
  unet: UNet2DConditionModel,
  recorded: WeightSource,
  name: string,
): Promise<Record<string, readonly [error: number, limit: number]>> {
  const outputs = await unet.forward(...(await inputsOf(recorded, name)))
  const start = `${name}/inter/`
  const errors: Record<string, readonly [number, number]> = {
    out: [await errorOf(outputs.out_sample, recorded, `${name}/out`), tolerance.out],
  }
  for (const key of recorded.keys().filter(key => key.startsWith(start))) {
    const path = key.slice(start.length)
    errors[path] = [await errorOf(outputs[path], recorded, key), tolerance.intermediate]
  }
  return errors
}

/** The recorded UNet: the graph as it is used, and the one that shows every module's result. */
export async function runUNet(goldens: string): Promise<SetResult[]> {
  const folder = join(goldens, 'unet')
  const json: unknown = JSON.parse(await readFile(join(folder, 'model/config.json'), 'utf8'))
  const weights = await openCheckpoint(join(folder, 'model/diffusion_pytorch_model.safetensors'))
  const recorded = await openCheckpoint(join(folder, 'cases.safetensors'))
  const names = recorded.keys().flatMap(key => /^(.+)\/sample$/.exec(key)?.[1] ?? [])
  const load = (intermediates: boolean) =>
    UNet2DConditionModel.load({ weights, config: parseUNetConfig(json), backend: onnxruntimeNode(), intermediates })

  const noise = new Tally('unet', tolerance.out)
  const fast = await load(false)
  for (const name of names) {
    const out = await fast.run(...(await inputsOf(recorded, name)))
    noise.add(name, { out: [await errorOf(out, recorded, `${name}/out`), tolerance.out] })
  }
  await fast.dispose()

  const modules = new Tally('unet, every module', tolerance.intermediate)
  const full = await load(true)
  for (const name of names) modules.add(name, await compareModules(full, recorded, name))
  await full.dispose()
  await weights.close()
  await recorded.close()
  return [noise.result(), modules.result()]
}
