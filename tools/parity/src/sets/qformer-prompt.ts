import { type Backend, int32, type Tensor, tensor, type WeightSource } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import { CpmBeeModel, type ForwardInput, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import { recordedPrompt } from './packed.js'
import { maxDifference, values } from './tensors.js'

/** Of the prompt's embedding, the hidden states and the logits. */
const tolerance = { embedding: 1e-6, hidden: 1e-4, logits: 2e-4 }

async function forwardInput(recorded: WeightSource): Promise<ForwardInput> {
  const prompt = await recordedPrompt(recorded, 'vllm.')
  return { ...prompt, lengths: new Int32Array(prompt.batch).fill(prompt.length) }
}

/** The picture's rows as graph inputs: those of the placeholders follow the embeddings of all tokens. */
async function pictureFeeds(recorded: WeightSource): Promise<Record<string, Tensor>> {
  const [batch, length] = recorded.info('vllm.input_ids').shape as [number, number]
  const [, queries, dim] = recorded.info('vllm.vision_hidden_states').shape as [number, number, number]
  const bounds = await values<Int32Array>(recorded, 'vllm.image_bound')
  const index = Int32Array.from({ length: batch * length }, (_, i) => i)
  for (let b = 0; b < batch; b++)
    for (let q = 0; q < queries; q++) index[b * length + bounds[2 * b]! + q] = batch * length + b * queries + q
  const states = await values<Float32Array>(recorded, 'vllm.vision_hidden_states')
  return {
    embedding_index: int32(index, [batch, length]),
    vision_hidden_states: tensor('float32', states, [batch * queries, dim]),
  }
}

/** The graph takes pictures; forward(), which text tasks use, gives it none. This backend puts them in. */
function feeding(backend: Backend, pictures: { feeds: Record<string, Tensor> }): Backend {
  return {
    name: backend.name,
    async createSession(graph, options) {
      const session = await backend.createSession(graph, options)
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run: (feeds, outputs) => session.run({ ...feeds, ...pictures.feeds }, outputs),
        dispose: () => session.dispose(),
      }
    },
  }
}

/** The picture's states inside the language model: embeddings before and after, hidden states, logits. */
export async function comparePrompt(
  json: unknown,
  weights: WeightSource,
  recorded: WeightSource,
): Promise<Record<string, readonly [error: number, limit: number]>> {
  const pictures: { feeds: Record<string, Tensor> } = { feeds: {} }
  const model = await CpmBeeModel.load({
    weights,
    config: parseCpmBeeConfig((json as { cpm_bee: unknown }).cpm_bee),
    backend: feeding(onnxruntimeNode(), pictures),
    prefix: 'llm.',
    layerOutputs: true,
  })
  const input = await forwardInput(recorded)
  const error = async (output: Tensor, key: string) =>
    maxDifference(output.data as Float32Array, await values(recorded, key))
  const text = await model.forward(input, ['embedding'])
  pictures.feeds = await pictureFeeds(recorded)
  const seen = await model.forward(input, ['embedding', 'hidden_states', 'logits'])
  await model.dispose()
  return {
    text_embedding_before_scatter: [
      await error(text.embedding!, 'vllm.text_embedding_before_scatter'),
      tolerance.embedding,
    ],
    embedding: [await error(seen.embedding!, 'vllm.embedding'), tolerance.embedding],
    hidden_states: [await error(seen.hidden_states!, 'vlu_forward.hidden_states'), tolerance.hidden],
    logits: [await error(seen.logits!, 'vlu_forward.logits'), tolerance.logits],
  }
}
