import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { numel } from '@viscpm/core'
import type { Parameter } from '@viscpm/core/graph'
import { openAtomicSink } from '@viscpm/core/node'
import { SafetensorsWriter } from '@viscpm/core/weights'
import { CpmBeeNetwork, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import { parseQFormerConfig, QFormerNetwork } from '@viscpm/qformer'
import { parseUNetConfig, parseVaeConfig, UNetNetwork, VaeDecoderNetwork } from '@viscpm/unet-sampler'
import { seeded } from './prompt.js'

/**
 * JSON configuration: upstream's `cpm_bee` or `beit3` and what belongs to it; diffusers' for `unet` and, if any, `vae`, and
 * the width `dim_in` of what `trans_block` takes.
 */
export type ModelConfig = Readonly<Record<string, unknown>>

/** Tensor names and shapes, from the very classes that will load them. */
function parametersOf(config: ModelConfig): Map<string, Pick<Parameter, 'shape'>> {
  if (config.beit3) return new QFormerNetwork(parseQFormerConfig(config)).namedParameters()
  if (config.unet) {
    const unet = new UNetNetwork(parseUNetConfig(config.unet)).namedParameters('unet')
    const vae = config.vae ? new VaeDecoderNetwork(parseVaeConfig(config.vae)).namedParameters('vae') : []
    return new Map([...unet, ...vae, ...transBlock(config)])
  }
  return new CpmBeeNetwork(parseCpmBeeConfig(config.cpm_bee)).namedParameters()
}

function transBlock({ unet, trans_block }: ModelConfig): [string, Pick<Parameter, 'shape'>][] {
  if (trans_block === undefined) return []
  const width = parseUNetConfig(unet).cross_attention_dim
  const { dim_in } = trans_block as { dim_in: number }
  return [
    ['trans_block.w_out_res.weight', { shape: [width, dim_in] }],
    ['trans_block.layernorm.weight', { shape: [width] }],
    ['trans_block.layernorm.bias', { shape: [width] }],
  ]
}

/** Which scale keeps activations near 1: CPM-Bee divides by sqrt(fan in) itself, the others' layers do not. */
function rangeOf(key: string, shape: readonly number[], ownScaling: boolean): { centre: number; width: number } {
  const norm = /(layer_?norm\w*|_ln|layernorm|norm\d?|norm_out)\.([AB]\.)?weight$/.test(key)
  if (norm) return { centre: 1, width: 0.2 }
  const fanIn = shape.length < 2 ? 1 : numel(shape.slice(1))
  if (shape.length < 2) return { centre: 0, width: 0.1 }
  return { centre: 0, width: 2 * Math.sqrt(3) * (ownScaling ? 1 : 1 / Math.sqrt(fanIn)) }
}

const chunk = 1 << 22

/** Writes `config.json` and `model.safetensors` with seeded random float32 weights. @returns number of weights */
export async function writeRandomModel(folder: string, config: ModelConfig, seed: number): Promise<number> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  const parameters = parametersOf(config)
  const specs = [...parameters].map(([key, { shape }]) => ({ key, dtype: 'float32' as const, shape }))
  const writer = new SafetensorsWriter(await openAtomicSink(join(folder, 'model.safetensors')), specs)
  const next = seeded(seed)
  let total = 0
  for (const key of writer.keys) {
    const { shape } = parameters.get(key)!
    const { centre, width } = rangeOf(key, shape, config.cpm_bee !== undefined && config.beit3 === undefined)
    const count = numel(shape)
    for (let done = 0; done < count; done += chunk) {
      const values = new Float32Array(Math.min(chunk, count - done))
      for (let i = 0; i < values.length; i++) values[i] = centre + (next() / 2 ** 32 - 0.5) * width
      await writer.write(key, values)
    }
    total += count
  }
  await writer.finish()
  return total
}
