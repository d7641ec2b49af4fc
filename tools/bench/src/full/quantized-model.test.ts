import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onnxruntimeNode } from '@viscpm/core/node'
import { CpmBeeModel } from '@viscpm/cpm-bee'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePrompt, toBatch } from '../prompt.js'
import { openLanguageModel, weightsFile } from './model-folder.js'
import { unitScale, writeQuantizedModel } from './quantized-model.js'
import { fullConfig } from './sizes.js'
import { weightBytes } from './weight-bytes.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-quantized-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const small = {
  cpm_bee: {
    ...(fullConfig(2).cpm_bee as object),
    vocab_size: 300,
    dim_model: 128,
    dim_ff: 256,
    num_heads: 4,
    dim_head: 32,
  },
}
const format = { layers: { bits: 4, blockSize: 64 }, head: { bits: 8, blockSize: 128 } } as const

describe('a random quantized model', () => {
  it('is read and run as a converted one, with finite logits of unit size', async () => {
    const bytes = await writeQuantizedModel(folder, small, format, 1)
    const opened = await openLanguageModel(folder)
    expect(weightsFile(opened)).toBe(join(folder, 'model.safetensors'))
    expect((await stat(weightsFile(opened))).size).toBe(bytes)
    expect(opened.weights.info('encoder.layers.1.ffn.ffn.w_out.weight').quantization).toMatchObject({ bits: 4 })
    const { weights, config, prefix } = opened
    const model = await CpmBeeModel.load({ weights, config, prefix, backend: onnxruntimeNode(), threads: 1 })
    const prompt = makePrompt(12, config.vocabSize, 256, 5)
    const generation = await model.prefill(toBatch(prompt, config.vocabSize), 0)
    const { data } = await generation.step([
      { parent: -1, id: prompt.bosId, sub: 0, position: 0, segment: prompt.answerSegment },
    ])
    const size = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length)
    expect(size).toBeGreaterThan(0.1)
    expect(size).toBeLessThan(100)
    await model.dispose()
    await weights.close()
  })

  it('counts what a step reads', async () => {
    const { weights, config } = await openLanguageModel(folder)
    const layer = 4 * 128 * 128 + 3 * 128 * 256
    const norms = (2 * 2 + 1) * 128 * 4
    const expected = 2 * layer * (0.5 + 4 / 64) + 300 * 128 * (1 + 4 / 128) + norms + 512 * 4 * 4
    expect(weightBytes(weights, config)).toEqual({ stored: expected, perStep: expected })
    await weights.close()
  })

  it('draws integers whose values have a deviation of 1', () => {
    for (const bits of [4, 8] as const) {
      const half = 2 ** (bits - 1)
      const values = Array.from({ length: 2 ** bits }, (_, q) => (q - half + 0.5) * unitScale(bits))
      expect(values.reduce((sum, x) => sum + x * x, 0) / values.length).toBeCloseTo(1, 6)
    }
  })
})
