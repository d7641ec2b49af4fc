import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { tensor } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { CpmBeeTokenizer, type PackValue, packBatch } from '@viscpm/tokenizer'
import { describe, expect, it } from 'vitest'
import { parseCpmBeeConfig } from '../config.js'
import { decode } from '../decoding/index.js'
import type { VisionRows } from '../engine.js'
import { answeredInput } from './answered.js'
import { CpmBeeModel } from './model.js'
import { StreamedCpmBee } from './streamed.js'

const folder = fileURLToPath(new URL('../../../tiny/model/', import.meta.url))
const tokenizer = CpmBeeTokenizer.fromVocabulary(readFileSync(`${folder}bee.txt`))
const config = parseCpmBeeConfig(JSON.parse(readFileSync(`${folder}config.json`, 'utf8')).cpm_bee)
const options = { config, prefix: 'llm.', backend: onnxruntimeNode(), threads: 1 } as const

/** Prompts of different lengths: one with four rows of a picture, one with words that no vocabulary has. */
const prompts: PackValue[] = [
  [
    ['image', '<unk>'.repeat(4)],
    ['context', ''],
    ['question', '图里有什么？'],
    ['<ans>', ''],
  ],
  [
    ['context', 'User: Hello\nAI: Hi.\n'],
    ['question', 'What is ☃ in the picture ♞ of 𓀀?'],
    ['<ans>', ''],
  ],
]
const picture: VisionRows = {
  rows: 4,
  data: Float32Array.from({ length: 4 * config.dimModel }, (_, i) => Math.sin(i * 1.7) / 4),
}

describe('prompts with their answers in one pass', () => {
  it('give the logits that the answers were chosen from', async () => {
    const weights = await openCheckpoint(folder)
    const batch = packBatch(tokenizer, prompts)
    expect(batch.extTableIds.length).toBeGreaterThan(0)
    const vision = [picture, undefined]
    const model = await CpmBeeModel.load({ ...options, weights })
    const decoded = await decode(model, batch, { decoding: 'greedy', tokens: tokenizer, vision, maxLength: 12 })
    const answers = decoded.map(({ tokens }) => tokens.map(({ id }) => id))
    expect(answers.flat().length).toBeGreaterThan(10)
    const { input, rows } = answeredInput(batch, answers, { tokens: tokenizer, vocabSize: config.vocabSize, vision })

    const streamed = await StreamedCpmBee.load({ ...options, weights })
    const seen: number[] = []
    let states = new Float32Array(0)
    for await (const layer of streamed.layers(input)) {
      seen.push(layer.layers)
      expect(layer.states.shape).toEqual([2, input.length, config.dimModel])
      states = layer.states.data as Float32Array<ArrayBuffer>
    }
    expect(seen).toEqual(Array.from({ length: config.numLayers }, (_, i) => i + 1))
    const { logits: whole, hidden_states } = await model.forward(input, ['logits', 'hidden_states'])
    const { data: resident } = hidden_states!
    expect(Math.max(...states.map((v, i) => Math.abs(v - Number(resident[i]))))).toBeLessThan(1e-3)

    const dim = config.dimModel
    const picked = Float32Array.from(
      rows.flatMap(r => [...r].flatMap(row => [...states.subarray(row * dim, (row + 1) * dim)])),
    )
    const { data, shape } = await streamed.logits(tensor('float32', picked, [picked.length / dim, dim]), input)
    const width = shape[1]!
    expect(width).toBe(config.vocabSize + batch.extTableIds.length)
    const order = rows.flatMap(r => [...r])
    const unlike = order.flatMap((row, i) =>
      Array.from({ length: width }, (_, k) =>
        Math.abs(Number(data[i * width + k]) - Number(whole!.data[row * width + k])),
      ),
    )
    expect(unlike.reduce((a, b) => Math.max(a, b), 0)).toBeLessThan(1e-2)
    const tokens = decoded.flatMap(one => one.tokens)
    for (const [i, { id, logProb }] of tokens.entries()) {
      const row = data.subarray(i * width, (i + 1) * width) as Float32Array
      const max = Math.max(...row)
      const logSum = max + Math.log(row.reduce((sum, v) => sum + Math.exp(v - max), 0))
      expect(row[id]! - logSum, `token ${i}`).toBeCloseTo(logProb, 2)
    }
    await Promise.all([model.dispose(), streamed.dispose()])
    await expect(streamed.layers(input).next()).rejects.toMatchObject({ code: 'DISPOSED' })
    await expect(streamed.logits(tensor('float32', picked, [order.length, dim]), input)).rejects.toMatchObject({
      code: 'DISPOSED',
    })
    await weights.close()
  })

  it('refuses what is no answer', () => {
    const batch = packBatch(tokenizer, [prompts[1]!])
    const facts = { tokens: tokenizer, vocabSize: config.vocabSize }
    expect(() => answeredInput(batch, [[]], facts)).toThrow('empty answer')
    expect(() => answeredInput({ ...batch, samples: [] }, [[7]], facts)).toThrow('no answer slot')
    expect(() => answeredInput(batch, [[7]], { ...facts, vision: [picture] })).toThrow('4 rows of vision states')
  })
})
