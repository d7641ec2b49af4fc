import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WeightSource } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { CpmBeeModel, type ForwardInput, forwardAttention, parseCpmBeeConfig, positionBucket } from '@viscpm/cpm-bee'
import type { PackedBatch } from '@viscpm/tokenizer'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'
import { recordedPrompt } from './packed.js'
import { maxDifference, values } from './tensors.js'

const tolerance = { logits: 2e-4, hidden: 1e-4 }

async function forwardInput(recorded: WeightSource): Promise<ForwardInput> {
  const of = (name: string) => values<Int32Array>(recorded, `in.${name}`)
  const [batch, length] = recorded.info('in.input').shape as [number, number]
  return {
    batch,
    length,
    inputIds: await of('input'),
    inputIdSubs: await of('input_sub'),
    lengths: await of('length'),
    context: await values<Uint8Array>(recorded, 'in.context'),
    sampleIds: await of('sample_ids'),
    numSegments: await of('num_segments'),
    segmentIds: await of('segment'),
    segmentRelOffset: await of('segment_rel_offset'),
    segmentRel: await of('segment_rel'),
    segmentRelLength: recorded.info('in.segment_rel').shape[1]!,
    spans: await of('span'),
    extTableIds: await of('ext_table_ids'),
    extTableSub: await of('ext_table_sub'),
  }
}

async function compareForward(tally: Tally, id: string, model: CpmBeeModel, recorded: WeightSource): Promise<void> {
  const input = await forwardInput(recorded)
  const layers = Array.from({ length: model.config.numLayers }, (_, i) => i)
  const out = await model.forward(input, ['embedding', 'hidden_states', 'logits', ...layers.map(i => `layer.${i}`)])
  const error = async (ours: string, theirs: string) =>
    maxDifference(out[ours]!.data, await values(recorded, `out.${theirs}`))
  const mask = forwardAttention(input, model.config).mask
  const layerErrors = await Promise.all(layers.map(i => error(`layer.${i}`, `layer_${i}`)))
  tally.add(id, {
    mask: [maxDifference(mask, await values(recorded, 'out.attention_mask')), 0],
    embedding: [await error('embedding', 'embedding'), 1e-6],
    layers: [Math.max(...layerErrors), tolerance.hidden],
    hidden_states: [await error('hidden_states', 'hidden_states'), tolerance.hidden],
    logits: [await error('logits', 'logits'), tolerance.logits],
  })
}

async function packedBatch(recorded: WeightSource): Promise<PackedBatch> {
  const prompt = await recordedPrompt(recorded, 'in.')
  return {
    ...prompt,
    inputPos: await values<Int32Array>(recorded, 'in.input_pos'),
    samples: [],
    extTexts: [],
    imageBounds: Array.from({ length: prompt.batch }, () => []),
  }
}

/** Teacher-forced steps: the recorded tokens are fed one by one, each row of the batch on its own. */
async function compareInference(tally: Tally, id: string, model: CpmBeeModel, recorded: WeightSource): Promise<void> {
  const batch = await packedBatch(recorded)
  let worst = 0
  for (let b = 0; b < batch.batch; b++) {
    const generation = await model.prefill(batch, b)
    for (let s = 0; recorded.has(`out.step_${s}.logits`); s++) {
      const fed = async (name: string) => (await values<Int32Array>(recorded, `out.step_${s}.in.${name}`))[b]!
      const row = {
        parent: s === 0 ? -1 : 0,
        id: await fed('ids'),
        sub: await fed('subs'),
        position: await fed('position'),
        segment: await fed('segment'),
      }
      const { data, width } = await generation.step([row])
      const theirs = await values<Float32Array>(recorded, `out.step_${s}.logits`)
      worst = Math.max(worst, maxDifference(data, theirs.subarray(b * width, (b + 1) * width)))
    }
    generation.dispose()
  }
  tally.add(id, { logits: [worst, tolerance.logits] })
}

/** Position buckets: exact for every recorded relative position. */
async function compareBuckets(folder: string): Promise<SetResult> {
  const tally = new Tally('cpm-bee/position-buckets', 0)
  const recorded = await openCheckpoint(join(folder, 'position-buckets.safetensors'))
  for (const key of recorded.keys()) {
    const sizes = /(\d+)\D+(\d+)/.exec(key)
    if (!sizes || key.includes('relative')) continue
    const theirs = await values<Int32Array>(recorded, key)
    const limit = (theirs.length - 1) / 2
    const ours = Int32Array.from(theirs, (_, i) => positionBucket(i - limit, Number(sizes[1]), Number(sizes[2])))
    tally.add(key, { bucket: [maxDifference(ours, theirs), 0] })
  }
  await recorded.close()
  return tally.result()
}

/** Every model, from every form of its checkpoint, on all recorded passes with and without a cache. */
export async function runCpmBee(goldens: string): Promise<SetResult[]> {
  const folder = join(goldens, 'cpm-bee')
  const results = [await compareBuckets(folder)]
  const models = (await readdir(folder, { withFileTypes: true })).filter(e => e.isDirectory()).map(e => e.name)
  for (const name of models.sort()) {
    const checkpoints = join(goldens, 'checkpoints', name)
    const json = JSON.parse(await readFile(join(checkpoints, 'config.json'), 'utf8')) as { cpm_bee?: unknown }
    const config = parseCpmBeeConfig(json.cpm_bee ?? json)
    for (const file of (await readdir(checkpoints)).filter(f => /\.(pt|bin|safetensors)$/.test(f)).sort()) {
      const tally = new Tally(`cpm-bee/${file}`, tolerance.logits)
      const weights = await openCheckpoint(join(checkpoints, file))
      const model = await CpmBeeModel.load({ weights, config, backend: onnxruntimeNode(), layerOutputs: true })
      for (const kind of ['forward', 'inference'] as const)
        for (const golden of (await readdir(join(folder, name, kind))).sort()) {
          const recorded = await openCheckpoint(join(folder, name, kind, golden))
          const compare = kind === 'forward' ? compareForward : compareInference
          await compare(tally, `${name}/${kind}/${golden}`, model, recorded)
          await recorded.close()
        }
      await model.dispose()
      await weights.close()
      results.push(tally.result())
    }
  }
  return results
}
