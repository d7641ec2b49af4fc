import { join } from 'node:path'
import { CacheLayout, cpmBee10b, type KeyValueDType } from '@viscpm/cpm-bee'
import type { BenchOptions } from '../options.js'
import { startOurs } from '../peers.js'
import { makePrompt } from '../prompt.js'
import { writeRandomModel } from '../random-model.js'
import { Measurement } from '../result.js'
import { common } from './language.js'

/** Heads as published, the rest narrow: nearly all of a step is attention. */
const sizes = { vocab_size: 600, dim_model: 256, dim_ff: 256, num_layers: 4, num_heads: 32, dim_head: 128 }
const contexts = [200, 1000, 3000]
const beams = 3
const dtypes: readonly KeyValueDType[] = ['float32', 'float16', 'int8']
/** The original's longest: 3000 tokens of input, each beam with its own copy and 513 of its own, in float16. */
const worst = { prompt: 3000, answer: 512 }

/**
 * Steps of 3 beams over caches of every kind, and the bytes of the longest one, scaled to the published 48 layers; and how many
 * of the embedded model's answers stay what they are with float32.
 */
export async function measureKeyValues(
  folder: string,
  { runs, threads }: BenchOptions,
  log: (text: string) => void,
): Promise<Measurement[]> {
  const model = join(folder, 'kv-cache')
  await writeRandomModel(model, { cpm_bee: { ...sizes, ...common } }, 1)
  const prompt = (length: number) => makePrompt(length, sizes.vocab_size, common.position_bias_num_segment_buckets, 5)
  const all = Array.from({ length: cpmBee10b.numLayers }, (_, i) => i)
  const upstream = 3 * (worst.prompt + worst.answer + 1) * new CacheLayout(all, cpmBee10b, 'float16').bytesPerSlot
  const made = dtypes.flatMap(dtype => [
    ...contexts.map(context => ({
      dtype,
      context,
      to: new Measurement('kv-cache', `${dtype}: step of 3 beams at ${context} tokens, 4 layers`, 'ms'),
    })),
    {
      dtype,
      context: 0,
      to: new Measurement('kv-cache', `${dtype}: cache at 3000 + 512 tokens, 3 beams, 48 layers`, 'MB'),
    },
    { dtype, context: -1, to: new Measurement('kv-cache', `${dtype}: the original's float16 caches / that`, 'x') },
  ])
  for (let run = 0; run < runs; run++)
    for (const dtype of dtypes) {
      const ours = startOurs()
      await ours.ask('load', { folder: model, threads, kvCache: dtype })
      const of = (context: number) => made.find(row => row.dtype === dtype && row.context === context)!.to
      for (const context of contexts)
        of(context).add(await ours.ask('keyValues', { prompt: prompt(context), beams, steps: 14 }))
      if (run === 0) {
        // Bytes are the same in each run.
        const request = { prompt: prompt(worst.prompt), beams, steps: worst.answer + 1 }
        const full = ((await ours.ask('keyValues', request)).bytes * cpmBee10b.numLayers) / sizes.num_layers
        of(0).add({ ms: full / 2 ** 20 })
        of(-1).add({ ms: upstream / full })
      }
      await ours.end()
      log(`kv-cache: ${dtype}, run ${run + 1} of ${runs}`)
    }
  return [...made.map(row => row.to), ...(await measureAnswers(threads))]
}

async function measureAnswers(threads: number): Promise<Measurement[]> {
  const ours = startOurs()
  const answersOf = async (kvCache: KeyValueDType) => (await ours.ask('keyValueAnswers', { kvCache, threads })).answers
  const exact = await answersOf('float32')
  const rows: Measurement[] = []
  for (const dtype of dtypes.slice(1)) {
    const answers = await answersOf(dtype)
    const name = `${dtype}: share of ${exact.length} answers of the embedded model that are the same as with float32`
    const row = new Measurement('kv-cache', name, 'x')
    row.add({ ms: answers.filter((text, i) => text === exact[i]).length / exact.length })
    rows.push(row)
  }
  await ours.end()
  return rows
}
