import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { CpmBeeTokenizer, type PackValue, packBatch } from '@viscpm/tokenizer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseCpmBeeConfig } from '../config.js'
import type { VisionRows } from '../engine.js'
import { CpmBeeModel } from '../model/model.js'
import { decode } from './decode.js'
import { scoreAnswers } from './score.js'

const folder = fileURLToPath(new URL('../../../tiny/model/', import.meta.url))
const tokens = CpmBeeTokenizer.fromVocabulary(readFileSync(`${folder}bee.txt`))
const config = parseCpmBeeConfig(JSON.parse(readFileSync(`${folder}config.json`, 'utf8')).cpm_bee)
const prompts: PackValue[] = [
  [
    ['image', '<unk>'.repeat(4)],
    ['context', ''],
    ['question', '图里有什么？'],
    ['<ans>', ''],
  ],
  [
    ['context', ''],
    ['question', 'What is ☃ in the picture?'],
    ['<ans>', ''],
  ],
]
const batch = packBatch(tokens, prompts)
const picture: VisionRows = {
  rows: 4,
  data: Float32Array.from({ length: 4 * config.dimModel }, (_, i) => Math.sin(i * 1.7) / 4),
}
const inputs = { tokens, vision: [picture, undefined] }

let model: CpmBeeModel
beforeAll(async () => {
  const weights = await openCheckpoint(folder)
  model = await CpmBeeModel.load({ config, prefix: 'llm.', backend: onnxruntimeNode(), threads: 1, weights })
  await weights.close()
})
afterAll(() => model.dispose())

test('an answer has the probabilities that it was decoded with, beside others that begin like it', async () => {
  const decoded = await decode(model, batch, { decoding: 'greedy', ...inputs, maxLength: 12, lookup: false })
  for (const [sample, { tokens: found }] of decoded.entries()) {
    const ids = found.map(({ id }) => id)
    const other = [...ids.slice(0, 3), ...tokens.encode('猫').ids, tokens.eosId]
    const [own, , second] = await scoreAnswers(model, batch, sample, [ids, ids.slice(0, 1), other], inputs)
    expect(own).toHaveLength(ids.length)
    for (const [i, { logProb }] of found.entries()) expect(own![i], `token ${i}`).toBeCloseTo(logProb, 4)
    expect([...second!.slice(0, 3)]).toEqual([...own!.slice(0, 3)])
    expect(second![3]).toBeLessThan(own![3]!) // greedy took the likeliest
  }
})

test('the picture counts, and a word of the prompt that no vocabulary has can be scored', async () => {
  const answer = [...tokens.encode('一只猫').ids, tokens.eosId]
  const [seen] = await scoreAnswers(model, batch, 0, [answer], inputs)
  const other = { rows: 4, data: picture.data.map(v => -v) }
  const [elsewhere] = await scoreAnswers(model, batch, 0, [answer], { tokens, vision: [other, undefined] })
  expect(seen).not.toEqual(elsewhere)
  const [id] = [...batch.extTexts[1]!].find(([, text]) => text === '☃')!
  const [snowman] = await scoreAnswers(model, batch, 1, [[id, tokens.eosId]], inputs)
  expect(snowman!.every(Number.isFinite)).toBe(true)
})

test('what no answer can be is refused; none is no work', async () => {
  const score = (...answers: number[][]) => scoreAnswers(model, batch, 0, answers, inputs)
  await expect(score([5], [])).rejects.toThrow('answer 1 is empty')
  await expect(score([tokens.eosId, 5])).rejects.toThrow('cannot hold id')
  await expect(score([tokens.unkId])).rejects.toThrow('cannot hold id') // this prompt has no unknown word
  await expect(score([-1])).rejects.toThrow('cannot hold id -1')
  expect(await score()).toEqual([])
})
