import type { Tensor, WeightSource } from '@viscpm/core'
import { TorchGenerator } from '@viscpm/core/random'
import { packPrompts } from '@viscpm/cpm-bee'
import { collatePaint, paintItem } from '@viscpm/tokenizer'
import { denoise, firstSample, guided, type Scheduler, torchNoise } from '@viscpm/unet-sampler'
import type { Tally } from '../tally.js'
import { candidatesOf, type Evaluation, type PaintCase, type PaintParts, sizeOf, watched } from './paint-model.js'
import { errorOf, maxDifference, relativeError, values } from './tensors.js'

type Errors = Record<string, readonly [error: number, limit: number]>

export const tolerance = { hidden: 1e-4, context: 1e-4, noise: 5e-4, latents: 1e-3 }

/** Everything of one case up to its final latents, part by part. */
export async function compareLatents(
  tally: Tally,
  id: string,
  parts: PaintParts,
  c: PaintCase,
  scheduler: Scheduler,
  recorded: WeightSource,
): Promise<void> {
  const pair = { prompt: c.prompt, negativePrompt: c.negative_prompt ?? '' }
  const states = await parts.encoder.encode(pair, { syntax: 'raw' })
  const context = await parts.transBlock.run(states.prompt)
  const negativeContext = await parts.transBlock.run(states.negativePrompt)

  const { width, height } = sizeOf(c)
  const shape = [(c.num_images ?? 1) * candidatesOf(c), 4, height / 8, width / 8]
  const run = scheduler.start({ steps: c.steps ?? 50 })
  const noise = torchNoise(c.seed as number)
  const given = c.latents_seed === undefined ? undefined : new TorchGenerator(c.latents_seed).randn(shape)
  const first = firstSample(run, shape, { noise, latents: given })
  const evaluations: Evaluation[] = []
  const latents: Tensor[] = []
  const final = await denoise({
    denoiser: watched(parts.unet, evaluations),
    run,
    latents: first.latents,
    context,
    negativeContext,
    noise,
    guidanceScale: c.guidance_scale,
    onStep: step => latents.push(step.latents),
  })

  const errors: Errors = {
    ...(await comparePacking(parts, c, recorded)),
    timesteps: [`${run.timesteps}` === `${c.timesteps}` ? 0 : 1, 0],
    'hidden states': [await errorOf(states.prompt, recorded, 'text_hidden_states'), tolerance.hidden],
    'negative hidden states': [
      await errorOf(states.negativePrompt, recorded, 'uncond_text_hidden_states'),
      tolerance.hidden,
    ],
    context: [await contextError([negativeContext, context], recorded), tolerance.context],
    // The goldens' own tolerance of randn: torch's AVX2 logarithm and sine.
    'initial latents': [await errorOf(first.latents, recorded, 'initial_latents'), 4e-6],
    'final latents': [await relativeError(final, recorded, 'final_latents'), tolerance.latents],
  }
  for (const step of c.stored_steps ?? []) {
    const at = `step${String(step).padStart(2, '0')}`
    const { output } = evaluations[step]!
    if (recorded.has(`${at}/unet_raw`))
      errors[`${at} unet`] = [await relativeError(output, recorded, `${at}/unet_raw`), tolerance.noise]
    const prediction = guided(output, c.guidance_scale)
    errors[`${at} noise`] = [await relativeError(prediction, recorded, `${at}/noise_pred`), tolerance.noise]
    errors[`${at} latents`] = [await relativeError(latents[step], recorded, `${at}/latents_out`), tolerance.latents]
  }
  tally.add(id, errors)
}

/** Recorded [2 n, tokens, width]: n times the unconditional context, then n times the prompt's. */
async function contextError([negative, positive]: readonly [Tensor, Tensor], recorded: WeightSource): Promise<number> {
  const theirs = await values<Float32Array>(recorded, 'encoder_hidden_states')
  const [rows] = recorded.info('encoder_hidden_states').shape as [number]
  const size = theirs.length / rows
  let worst = 0
  for (let row = 0; row < rows; row++) {
    const ours = (row < rows / 2 ? negative : positive).data as Float32Array
    worst = Math.max(worst, maxDifference(ours, theirs.subarray(row * size, (row + 1) * size)))
  }
  return worst
}

const packed = {
  input_ids: 'inputIds',
  input_id_subs: 'inputIdSubs',
  context: 'context',
  segment_ids: 'segmentIds',
  segment_rel_offset: 'segmentRelOffset',
  segment_rel: 'segmentRel',
  sample_ids: 'sampleIds',
  num_segments: 'numSegments',
  span: 'span',
  target: 'target',
  length: 'length',
  ext_table_ids: 'extTableIds',
  ext_table_sub: 'extTableSub',
} as const

/** Both packed texts, exactly, where they were recorded: each collated by itself, as upstream does. */
async function comparePacking(parts: PaintParts, c: PaintCase, recorded: WeightSource): Promise<Errors> {
  const errors: Errors = {}
  const texts = { cond: c.prompt, uncond: c.negative_prompt ?? '' }
  const { maxLength } = packPrompts(
    parts.tokenizer,
    { prompt: texts.cond, negativePrompt: texts.uncond },
    { syntax: 'raw' },
  ).batch
  for (const [side, text] of Object.entries(texts)) {
    if (!recorded.has(`${side}/input_ids`)) continue
    const batch = collatePaint(parts.tokenizer, [paintItem(parts.tokenizer, text)], { maxLength })
    for (const [key, field] of Object.entries(packed))
      errors[`${side}/${key}`] = [maxDifference(batch[field], await values(recorded, `${side}/${key}`)), 0]
  }
  return errors
}
