import { readFileSync } from 'node:fs'
import { float32, type Tensor } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import { memoryWeights } from '@viscpm/core/weights'
import { CpmBeeTokenizer, type PackValue, packBatch } from '@viscpm/tokenizer'
import { describe, expect, it } from 'vitest'
import type { CpmBeeConfig } from '../config.js'
import { CpmBeeModel } from '../model/model.js'
import { CpmBeeNetwork } from '../model/network.js'
import { type Decoded, decode, type LookupOptions } from './index.js'

const vocabulary = new URL('../../../../tools/parity/goldens/checkpoints/chat-tiny/bee.txt', import.meta.url)
const tokenizer = CpmBeeTokenizer.fromVocabulary(readFileSync(vocabulary))

function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A model of random size and weights. Greedily it soon repeats itself or its prompt: much to guess. */
async function randomModel(seed: number): Promise<CpmBeeModel> {
  const random = randomFrom(seed)
  const pick = (...of: number[]) => of[Math.floor(random() * of.length)]!
  const config: CpmBeeConfig = {
    vocabSize: tokenizer.vocabSize,
    dimModel: pick(16, 24, 40),
    dimFF: pick(16, 48),
    numLayers: pick(1, 2, 3),
    numHeads: pick(1, 2, 5),
    dimHead: pick(4, 8),
    positionBiasNumBuckets: 32,
    positionBiasNumSegmentBuckets: 32,
    positionBiasMaxDistance: 128,
    eps: 1e-6,
    half: random() < 0.5,
  }
  const weights: Record<string, Tensor> = {}
  for (const [key, { shape }] of new CpmBeeNetwork(config).namedParameters()) {
    const size = shape.reduce((n, d) => n * d, 1)
    const norm = key.includes('layernorm')
    weights[key] = float32(
      Float32Array.from({ length: size }, () => (norm ? 1 : 3 * (random() - 0.5))),
      shape,
    )
  }
  return CpmBeeModel.load({ weights: memoryWeights(weights), config, backend: onnxruntimeNode(), threads: 1 })
}

function randomPrompt(random: () => number): PackValue {
  const letters = 'abcdefg 红色的猫<'
  const phrase = () => Array.from({ length: 4 + random() * 8 }, () => letters[Math.floor(random() * letters.length)]!)
  const again = phrase()
  const said = [...phrase(), ...again, ...phrase(), ...again].join('').replaceAll('<', '<<')
  return new Map<string, PackValue>([
    ['input', random() < 0.5 ? `${said}<mask_1>` : said],
    [
      '<ans>',
      random() < 0.5
        ? ''
        : new Map([
            ['a', ''],
            ['b', ''],
          ]),
    ],
  ])
}

/** Log-probabilities agree to this: sums in another order, over a few layers of float32. */
const tolerance = 2e-4

/** Ids must be the same; but where both tokens were equally likely, the answers may part, and nothing is compared after. */
function compare(plain: Decoded, looked: Decoded): 'same' | 'tie' {
  for (const [i, token] of plain.tokens.entries()) {
    const other = looked.tokens[i]!
    expect(Math.abs(other.logProb - token.logProb)).toBeLessThan(tolerance)
    if (other.id !== token.id) return 'tie'
    expect(other.answer).toBe(token.answer)
  }
  expect(looked.tokens.length).toBe(plain.tokens.length)
  expect(looked.finish).toBe(plain.finish)
  return 'same'
}

const lookups: LookupOptions[] = [{ adaptive: false }, { adaptive: false, maxDraft: 3, minMatch: 1 }, { now: () => 0 }]

describe('lookup with real models', () => {
  it('gives the answers of plain greedy decoding: hundreds of random prompts, penalties and models', async () => {
    let [cases, ties, tokens, accepted, drafted] = [0, 0, 0, 0, 0]
    for (let seed = 0; seed < 40; seed++) {
      const model = await randomModel(seed)
      const random = randomFrom(1000 + seed)
      for (let p = 0; p < 3; p++) {
        const batch = packBatch(tokenizer, [randomPrompt(random), randomPrompt(random)])
        const options = {
          tokens: tokenizer,
          decoding: 'greedy' as const,
          maxLength: 10 + Math.floor(random() * 40),
          repetitionPenalty: [1, 1, 1.1, 1.5][Math.floor(random() * 4)]!,
          repetitionWindow: Math.floor(random() * 4),
        }
        const plain = await decode(model, batch, { ...options, lookup: false })
        const looked = await decode(model, batch, { ...options, lookup: lookups[p]! })
        for (const [i, one] of plain.entries()) {
          cases++
          if (compare(one, looked[i]!) === 'tie') ties++
          tokens += one.tokens.length
          accepted += looked[i]!.lookup!.accepted
          drafted += looked[i]!.lookup!.drafted
        }
      }
      await model.dispose()
    }
    expect(cases).toBe(240)
    expect(ties).toBeLessThanOrEqual(1)
    expect(tokens).toBeGreaterThan(4000)
    // Right and wrong guesses alike.
    expect(accepted).toBeGreaterThan(1000)
    expect(drafted - accepted).toBeGreaterThan(1000)
  })
})
