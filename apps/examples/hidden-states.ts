// Hidden states of texts from the language model alone, and how alike they are: node dist/hidden-states.js
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { CpmBeeModel, CpmBeeTextEncoder, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'

const file = (name: string) => fileURLToPath(import.meta.resolve(`@viscpm/tiny/paint/${name}`))
const config = JSON.parse(await readFile(file('config.json'), 'utf8'))
const tokenizer = CpmBeeTokenizer.fromVocabulary(await readFile(file('bee.txt'), 'utf8'), 'bee.txt')

const weights = await openCheckpoint(file('paint.safetensors')) // UNet and all: only what begins with llm. is read
const model = await CpmBeeModel.load({
  ...{ weights, prefix: 'llm.', config: parseCpmBeeConfig(config.cpm_bee), backend: onnxruntimeNode() },
})
const encoder = new CpmBeeTextEncoder({ model, tokenizer })

/** The mean over a text's tokens, of length 1. */
async function embedding(prompt: string): Promise<Float32Array> {
  const { prompt: states, lengths } = await encoder.encode({ prompt, negativePrompt: '' }) // [1, tokens, dim]
  const mean = new Float32Array(encoder.dim)
  for (let i = 0; i < lengths[0] * encoder.dim; i++) mean[i % encoder.dim]! += states.data[i]!
  const norm = Math.hypot(...mean)
  return mean.map(value => value / norm)
}

const texts = ['一只红色的猫', 'a red cat', '一只红色的狗', 'a blue car']
const embeddings = []
for (const text of texts) embeddings.push(await embedding(text))
const [first] = embeddings
for (const [i, other] of embeddings.entries())
  console.log(texts[i], first!.reduce((sum, value, k) => sum + value * other[k]!, 0).toFixed(3))
await model.dispose()
await weights.close()
