import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type DType, MissingKeyError, numel, type TensorInfo, type WeightSource } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { cpmBee10b } from '../config.js'
import { buildCpmBeeGraph } from './model.js'

type KeyList = Readonly<Record<string, readonly [shape: readonly number[], dtype: string]>>

const recorded = JSON.parse(
  gunzipSync(readFileSync(new URL('./fixtures/full-size-keys.json.gz', import.meta.url))).toString(),
) as { readonly 'cpm-bee-10b': KeyList; readonly 'viscpm-chat': KeyList }

/** A 20 GB checkpoint of which only the key list exists: reading anything fails. */
class KeysOnly implements WeightSource {
  readonly name = 'key list'
  readonly format = 'torch-zip'
  readonly located: string[] = []

  constructor(private readonly list: KeyList) {}

  keys(): readonly string[] {
    return Object.keys(this.list)
  }

  has(key: string): boolean {
    return key in this.list
  }

  info(key: string): TensorInfo {
    const [shape, dtype] = this.list[key] ?? []
    if (!shape) throw new MissingKeyError({ file: this.name, keys: [key] })
    const strides = shape.map((_, i) => numel(shape.slice(i + 1)))
    return { key, dtype: dtype!.replace('torch.', '') as DType, shape, strides, nbytes: numel(shape) * 2 }
  }

  locate(key: string): { source: never; offset: number; length: number } {
    this.located.push(key)
    return { source: undefined as never, offset: 0, length: this.info(key).nbytes }
  }

  read(key: string): Promise<never> {
    throw new Error(`${key} was read`)
  }

  async close(): Promise<void> {}
}

/** The list without one key, or with other entries. */
function changed(list: KeyList, edit: (entries: Map<string, KeyList[string]>) => void): KeysOnly {
  const entries = new Map(Object.entries(list))
  edit(entries)
  return new KeysOnly(Object.fromEntries(entries))
}

describe('the published 10B model', () => {
  it.each([
    ['cpm-bee-10b', ''],
    ['viscpm-chat', 'llm.'],
  ] as const)('%s: every key is used, no weight is read', async (name, prefix) => {
    const weights = new KeysOnly(recorded[name])
    expect(weights.keys().length).toBe(435)
    const { graph, network } = await buildCpmBeeGraph({ weights, config: cpmBee10b, prefix })
    expect(network.attentionLayers.length).toBe(48)
    expect([...weights.located].sort()).toEqual([...weights.keys()].sort())
    expect(graph.initializers.map(i => i.name).sort()).toEqual([...weights.keys()].sort())
    const bytes = graph.initializers.reduce((sum, i) => sum + i.location.length, 0)
    expect(bytes / 2).toBe(weights.keys().reduce((sum, key) => sum + numel(weights.info(key).shape), 0))
  })

  it('is emitted as a small file whose weights lie elsewhere', async () => {
    const weights = new KeysOnly(recorded['cpm-bee-10b'])
    const { graph } = await buildCpmBeeGraph({ weights, config: cpmBee10b })
    const onnx = graph.toOnnx(({ location }) => ({ file: 'model.bin', offset: 0, length: location.length }))
    expect(onnx.length).toBeLessThan(2 ** 20)
    expect(Buffer.from(onnx).includes('encoder.layers.47.ffn.ffn.w_out.weight')).toBe(true)
  })

  it('names a key that is missing, unknown or misshapen', async () => {
    const key = 'encoder.layers.7.self_att.self_attention.project_k.weight'
    const list = recorded['cpm-bee-10b']
    const build = (weights: WeightSource) => buildCpmBeeGraph({ weights, config: cpmBee10b })
    await expect(build(changed(list, keys => keys.delete(key)))).rejects.toMatchObject({
      code: 'MISSING_KEY',
      keys: [key],
    })
    const extra = changed(list, keys => keys.set('encoder.layers.48.extra', [[1], 'torch.float16']))
    await expect(build(extra)).rejects.toMatchObject({ code: 'UNEXPECTED_KEY', keys: ['encoder.layers.48.extra'] })
    const shaped = changed(list, keys => keys.set(key, [[4096, 4095], 'torch.float16']))
    await expect(build(shaped)).rejects.toMatchObject({ code: 'WRONG_SHAPE', key })
  })
})
