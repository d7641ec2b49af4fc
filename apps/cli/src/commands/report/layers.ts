import { type TaskOptions, type Tensor, tensor } from '@viscpm/core'
import { type Divergence, divergence, ErrorSums, mean, quantile } from '@viscpm/core/report'
import { answeredInput, type ForwardInput, type StreamedCpmBee, type VisionRows } from '@viscpm/cpm-bee'
import type { LayersCard, LogitsCard } from './card.js'
import type { Prompts } from './prompts.js'
import type { Speaker } from './speaker.js'

/** The same model twice, side by side: of both, one layer is in memory. */
export interface Pair {
  readonly source: StreamedCpmBee
  readonly converted: StreamedCpmBee
}

/** Errors after each layer, as they are found. */
export class LayerErrors {
  readonly #sums: ErrorSums[] = []
  #prompts = 0

  /** Runs both over the same tokens, layer by layer. @returns what both give after the last norm */
  async compare(
    pair: Pair,
    inputs: readonly [ForwardInput, ForwardInput],
    task: TaskOptions,
  ): Promise<[Tensor, Tensor]> {
    const [input, otherInput] = inputs
    const others = pair.converted.layers(otherInput, task.signal ? { signal: task.signal } : {})
    let last: [Tensor, Tensor] | undefined
    for await (const { layers, states } of pair.source.layers(input, task)) {
      const other = (await others.next()).value!.states as Tensor
      this.#add(layers - 1, input, states, other)
      last = [states, other]
    }
    this.#prompts += input.batch
    return last!
  }

  #add(layer: number, { batch, length, lengths }: ForwardInput, a: Tensor, b: Tensor): void {
    this.#sums[layer] ??= new ErrorSums()
    const dim = a.shape.at(-1)!
    const rows = ({ data }: Tensor, sample: number) =>
      (data as Float32Array).subarray(sample * length * dim, (sample * length + lengths[sample]!) * dim)
    for (let sample = 0; sample < batch; sample++) this.#sums[layer].add(rows(a, sample), rows(b, sample)) // no padding
  }

  card(dim: number): LayersCard {
    const layers = this.#sums.map(sums => sums.measure())
    return { prompts: this.#prompts, tokens: (layers[0]?.elements ?? 0) / dim, layers }
  }
}

/** Everything that is known of one place of one answer. */
interface Place extends Divergence {
  readonly place: number
}

/**
 * Reads prompts with their answers through both models. Progress: phase `layers`.
 * @param answers ids of every group, read by both
 * @param seen of every group what each model's tower sees; empty for a model that sees nothing
 */
export async function compareSpeech(
  speakers: readonly [Speaker, Speaker],
  groups: readonly Prompts[],
  answers: readonly (readonly (readonly number[])[])[],
  seen: readonly [readonly (readonly VisionRows[])[], readonly (readonly VisionRows[])[]],
  answersOf: 'source' | 'converted',
  task: TaskOptions,
): Promise<{ layers: LayersCard; logits: LogitsCard }> {
  const [speaker, other] = speakers
  const pair: Pair = { source: await speaker.stream(), converted: await other.stream() }
  const { tokenizer: tokens } = speaker.opened
  const { vocabSize, dimModel, numLayers } = speaker.llm
  const errors = new LayerErrors()
  const found: Place[][] = []
  for (const [g, { batch }] of groups.entries()) {
    const inputs = seen.map(of => answeredInput(batch, answers[g]!, { tokens, vocabSize, vision: of[g]! }))
    const [first, second] = inputs as [ReturnType<typeof answeredInput>, ReturnType<typeof answeredInput>]
    const states = await errors.compare(pair, [first.input, second.input], {
      ...(task.signal && { signal: task.signal }),
      onProgress: ({ done }) =>
        task.onProgress?.({
          phase: 'layers',
          done: g * numLayers + done,
          total: groups.length * numLayers,
          unit: 'steps',
        }),
    })
    const [a, b] = await Promise.all([
      pair.source.logits(picked(states[0], first.rows), first.input, task),
      pair.converted.logits(picked(states[1], second.rows), second.input, task),
    ])
    let row = 0
    for (const [sample, ids] of answers[g]!.entries()) {
      const blocked = blockedIds(groups[g]!, sample, tokens.unkId, vocabSize)
      found.push(
        ids.map((id, place) => ({ place, ...divergence(rowOf(a, row, blocked), rowOf(b, row++, blocked), id) })),
      )
    }
  }
  await Promise.all([pair.source.dispose(), pair.converted.dispose()])
  return { layers: errors.card(dimModel), logits: logitsCard(found, answersOf) }
}

/** Rows of hidden states, [rows, dim]. */
function picked(states: Tensor, rows: readonly Int32Array[]): Tensor {
  const dim = states.shape.at(-1)!
  const all = rows.flatMap(some => [...some])
  const data = new Float32Array(all.length * dim)
  for (const [i, row] of all.entries())
    data.set((states.data as Float32Array).subarray(row * dim, (row + 1) * dim), i * dim)
  return tensor('float32', data, [all.length, dim])
}

/** What decoding never says: an unknown word that the prompt has not, and other prompts' numbered ones. */
function blockedIds({ batch }: Prompts, sample: number, unkId: number, vocabSize: number): number[] {
  const texts = batch.extTexts[sample]!
  const numbered = Array.from({ length: batch.extTableIds.length }, (_, i) => vocabSize + i)
  return [unkId, ...numbered].filter(id => !texts.has(id))
}

function rowOf({ data, shape }: Tensor, row: number, blocked: readonly number[]): Float32Array {
  const width = shape[1]!
  const values = (data as Float32Array).subarray(row * width, (row + 1) * width)
  for (const id of blocked) values[id] = Number.NEGATIVE_INFINITY
  return values
}

function logitsCard(found: readonly (readonly Place[])[], answersOf: 'source' | 'converted'): LogitsCard {
  const all = found.flat()
  const kl = all.map(one => one.kl)
  const perplexity = (of: 0 | 1) => Math.exp(-mean(all.map(({ logProb }) => logProb[of])))
  const [source, converted] = [perplexity(0), perplexity(1)]
  const longest = Math.max(0, ...found.map(answer => answer.length))
  return {
    answersOf,
    prompts: found.length,
    tokens: all.length,
    kl: { mean: mean(kl), median: quantile(kl, 0.5), p95: quantile(kl, 0.95), largest: quantile(kl, 1) },
    top1: mean(all.map(({ agrees }) => (agrees ? 1 : 0))),
    sameAnswers: mean(found.map(answer => (answer.every(({ agrees }) => agrees) ? 1 : 0))),
    perplexity: { source, converted, ratio: converted / source },
    places: Array.from({ length: longest }, (_, place) => {
      const here = found.flatMap(answer => answer[place] ?? [])
      return {
        prompts: here.length,
        kl: mean(here.map(one => one.kl)),
        largest: Math.max(...here.map(one => one.largest)),
      }
    }),
  }
}
