import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { VisCPMChat } from '@viscpm/chat/node'
import { numel, toFloat32 } from '@viscpm/core'
import { openCheckpoint, quantizeCheckpoint } from '@viscpm/core/node'
import { detectCheckpoint } from '@viscpm/core/weights'
import { type CpmBeeConfig, cpmBee10b } from '@viscpm/cpm-bee'
import { VisCPMPaint } from '@viscpm/paint/node'
import { beit3Large, type QFormerConfig } from '@viscpm/qformer'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'
import { sd21BaseUNetConfig, sdVaeConfig, type UNetConfig, type VaeConfig } from '@viscpm/unet-sampler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeSynthChat, writeSynthPaint } from './models.js'
import { chatTensors, paintTensors, type SynthTensor, vaeTensors } from './tensors.js'
import { synthVocabulary } from './vocabulary.js'
import { bytesOf, checkFreeDisk } from './write.js'

const places = ['tools/parity/goldens/full-size', '../shared/goldens/full-size'].map(place =>
  fileURLToPath(new URL(`../../../../${place}/`, import.meta.url)),
)
const goldens = places.find(place => existsSync(join(place, 'chat-vlu-cpmbee.keys.json')))
if (!goldens) console.warn('SKIPPED: the key lists of the full-size models are not here')

const golden = (name: string) => JSON.parse(readFileSync(join(goldens!, name), 'utf8'))
type KeyList = Record<string, readonly [shape: readonly number[], dtype: string]>
const listed = (tensors: readonly SynthTensor[]) => tensors.map(({ key, shape }) => [key, shape])

describe.skipIf(!goldens)('the full size', () => {
  it('has the keys and shapes of VisCPM-Chat, in its order, all half', () => {
    const { tensors, bytes_after_half } = golden('chat-vlu-cpmbee.keys.json') as {
      tensors: readonly (readonly [string, readonly number[], string])[]
      bytes_after_half: number
    }
    const ours = chatTensors(cpmBee10b, beit3Large)
    expect(listed(ours)).toEqual(tensors.map(([key, shape]) => [key, shape]))
    expect(ours.reduce((sum, tensor) => sum + bytesOf(tensor), 0)).toBe(bytes_after_half)
  })

  it('has those of VisCPM-Paint, the language model half, the rest not', () => {
    const part = (name: string, prefix: string) =>
      Object.entries(golden(`${name}/keys.json`) as KeyList).map(([key, [shape, dtype]]) => [
        prefix + key,
        shape,
        dtype,
      ])
    const ours = paintTensors(cpmBee10b, sd21BaseUNetConfig).map(({ key, shape, dtype }) => [key, shape, dtype])
    const theirs = [...part('unet', 'unet.'), ...part('trans_block', 'trans_block.'), ...part('llm', 'llm.')]
    expect(ours.sort()).toEqual(theirs.sort())
    const vae = Object.entries(golden('vae_new_keys/keys.json') as KeyList).map(([key, [shape]]) => [key, shape])
    expect(listed(vaeTensors(sdVaeConfig)).sort()).toEqual(vae.sort())
  })
})

it('the vocabulary has exactly the published number of entries, and is one', () => {
  const text = synthVocabulary(cpmBee10b.vocabSize)
  const tokenizer = CpmBeeTokenizer.fromVocabulary(text, 'bee.txt')
  expect(tokenizer.vocabSize).toBe(86583)
  expect(tokenizer.encode('<s>天空 blue</s>').ids.length).toBeGreaterThan(4)
})

it('refuses what the disk cannot hold, before it writes', async () => {
  await expect(checkFreeDisk(tmpdir(), 1e18)).rejects.toThrow(/are needed, .* are free/)
})

const llm: CpmBeeConfig = {
  ...cpmBee10b,
  ...{ vocabSize: 300, dimModel: 64, dimFF: 160, numLayers: 2, numHeads: 2, dimHead: 32 },
}
const vision: QFormerConfig = {
  ...{ imageSize: 32, patchSize: 16, dim: 64, dimFF: 256, numLayers: 2, numHeads: 2, queryNum: 4, dimModel: 64 },
  ...{ textVocab: 20, mimHead: [64, 32] as const },
}
const unet: UNetConfig = {
  ...sd21BaseUNetConfig,
  ...{
    block_out_channels: [32, 64, 64, 64],
    attention_head_dim: [2, 2, 2, 2],
    cross_attention_dim: 32,
    layers_per_block: 1,
  },
}
const vae: VaeConfig = { ...sdVaeConfig, block_out_channels: [32, 32, 32, 32], layers_per_block: 1 }

describe('small ones', () => {
  let folder: string
  const chat = () => join(folder, 'chat')
  const paint = () => join(folder, 'paint')
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'viscpm-synth-'))
    await writeSynthChat(chat(), { llm, vision })
    await writeSynthPaint(paint(), { llm, unet, vae })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('are read by our reader as what they are, with values that a network can begin with', async () => {
    const source = await openCheckpoint(chat())
    expect(source.format).toBe('torch-zip')
    expect(detectCheckpoint(source).kind).toBe('viscpm-chat')
    expect(source.keys()).toEqual(chatTensors(llm, vision).map(({ key }) => key))
    for (const key of source.keys()) expect(source.locate(key)!.offset % 64).toBe(0)
    const values = toFloat32(await source.read('llm.encoder.layers.1.ffn.ffn.w_out.weight'))
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)
    expect(deviation).toBeCloseTo(1, 1)
    expect(new Set(values).size).toBeGreaterThan(values.length / 10)
    expect(toFloat32(await source.read('llm.encoder.output_layernorm.weight')).every(x => x === 1)).toBe(true)
    const { shape } = source.info('mapping.0.weight')
    const largest = Math.max(...toFloat32(await source.read('mapping.0.weight')).map(Math.abs))
    expect(largest).toBeLessThanOrEqual(1.001 / Math.sqrt(shape[1]!))
    expect(largest).toBeGreaterThan(0.9 / Math.sqrt(shape[1]!))
    await source.close()
    expect(await readdir(chat())).toEqual(['bee.txt', 'config.json', 'viscpm_chat_balance_checkpoint.pt'])
  })

  it('are the same for the same seed, and others for another', async () => {
    const read = async (seed: number) => {
      const { file } = await writeSynthChat(join(folder, `seed-${seed}`), { llm, vision, seed })
      return readFileSync(file)
    }
    const [one, again, two] = [
      readFileSync(join(chat(), 'viscpm_chat_balance_checkpoint.pt')),
      await read(1),
      await read(2),
    ]
    expect(again.equals(one)).toBe(true)
    expect(two.equals(one)).toBe(false)
    expect(two.length).toBe(one.length)
  })

  it('are read by PyTorch', () => {
    if (spawnSync('python3', ['-c', 'import torch']).status !== 0) return console.warn('SKIPPED: python3 has no torch')
    const script = `import sys, json, torch
tensors = torch.load(sys.argv[1], weights_only=True)
print(json.dumps({k: [list(v.shape), str(v.dtype), float(v.float().abs().sum())] for k, v in tensors.items()}))`
    const file = join(paint(), 'viscpm_paint_balance_checkpoint.pt')
    const read = JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8', maxBuffer: 2 ** 26 }))
    const tensors = paintTensors(llm, unet)
    expect(Object.keys(read)).toEqual(tensors.map(({ key }) => key))
    for (const { key, shape, dtype } of tensors) {
      expect(read[key].slice(0, 2)).toEqual([shape, `torch.${dtype}`])
      if (numel(shape) > 100 && !key.endsWith('bias')) expect(read[key][2]).toBeGreaterThan(0)
    }
  }, 120_000)

  it('load, answer and paint; converted too', async () => {
    const image = { width: 32, height: 32, data: new Uint8Array(32 * 32 * 3).map((_, i) => (i * 7) % 256) }
    await quantizeCheckpoint(chat(), join(folder, 'chat-int4'), { dtype: 'int4' })
    await quantizeCheckpoint(paint(), join(folder, 'paint-int4'), { dtype: 'int4' })
    for (const where of [chat(), join(folder, 'chat-int4')]) {
      const model = await VisCPMChat.load(where)
      const { usage } = await model.ask(image, 'abc?', { decoding: 'greedy', maxNewTokens: 3 })
      expect(usage.completionTokens).toBeGreaterThan(0)
      await model.dispose()
    }
    for (const where of [paint(), join(folder, 'paint-int4')]) {
      const painter = await VisCPMPaint.load(where)
      const { images } = await painter.generate({
        prompt: 'abc',
        steps: 1,
        width: 64,
        height: 64,
        candidates: 1,
        seed: 1,
      })
      expect(images).toHaveLength(1)
      await painter.dispose()
    }
  }, 120_000)
})
