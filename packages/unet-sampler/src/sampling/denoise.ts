import { type Image, InvalidArgumentError, isVisCPMError, type TaskOptions, type Tensor } from '@viscpm/core'
import { checkedFloats, firstNonFinite } from '../blocks/values.js'
import type { Sample, SchedulerRun } from '../schedulers/index.js'
import { repeatedRows, rowsOf, stackedRows } from './batches.js'
import { type DeepCacheOptions, evaluator } from './deep-cache.js'
import { type GuidanceOptions, guidanceOf, guided } from './guidance.js'
import { blended, type Inpainting } from './inpaint.js'
import type { NoiseSource } from './noise.js'
import { pause } from './pause.js'
import { type PreviewFactors, previewLatents } from './preview.js'
import { nonFiniteStep } from './start.js'

/** What predicts the noise; `UNet2DConditionModel` is one. */
export interface Denoiser {
  /** sample [n, channels, h, w], encoderHiddenStates [n, tokens, width] -> [n, channels, h, w] */
  run(
    sample: Tensor,
    timestep: number,
    encoderHiddenStates: Tensor,
    options?: DenoiserRunOptions,
  ): Promise<Tensor<'float32'>>
}

export interface DenoiserRunOptions extends Pick<TaskOptions, 'signal'> {
  /** Share of the pixels merged while they attend to one another; only ever given where a caller asks for it. */
  readonly tokenMerging?: number | undefined
}

/** What there is to see after each step. */
export interface DenoisingStep {
  /** Evaluations of the model so far, from 1. */
  readonly step: number
  /** Evaluations in all; some schedulers need more than the steps that were asked for. */
  readonly steps: number
  readonly timestep: number
  /** [batch, channels, h, w] after this step. Not to be changed. */
  readonly latents: Sample
  /** How the pictures would look if this were the last step: small and rough, made when asked for. */
  preview(): Image[]
}

export interface DenoiseOptions extends GuidanceOptions, TaskOptions {
  readonly denoiser: Denoiser
  /** A run that has just been started; it is used up. */
  readonly run: SchedulerRun
  /** As `firstSample` gives them. */
  readonly latents: Sample
  /** What the prompt says, [1 or batch, tokens, width]. */
  readonly context: Tensor
  /** What the negative prompt says, of the same shape. Needed wherever guidance applies. */
  readonly negativeContext?: Tensor | undefined
  /** For schedulers that add noise at their steps; called once per step. */
  readonly noise: NoiseSource
  readonly inpainting?: Inpainting | undefined
  /** Pictures that go through the model at once: bounds memory, leaves noise as it is. Default: all. */
  readonly batchSize?: number | undefined
  /** Leaves most of the model out at most evaluations. Default: never. */
  readonly deepCache?: DeepCacheOptions | undefined
  /** Share of the pixels merged with similar ones while they attend to one another, 0 to 0.75. Default 0. */
  readonly tokenMerging?: number | undefined
  readonly previewFactors?: PreviewFactors | undefined
  readonly onStep?: ((step: DenoisingStep) => void) | undefined
}

/**
 * Denoises a batch of latents to the end. Both halves of the guidance go through the model together, the unconditional one
 * first; between evaluations the event loop is let go, and the signal looked at.
 * @returns [batch, channels, h, w], to be decoded by `AutoencoderKL.decodeLatents`
 * @throws InvalidArgumentError; NonFiniteError naming the step; what the denoiser throws; the signal's reason when aborted
 */
export async function denoise(options: DenoiseOptions): Promise<Sample> {
  const { run, inpainting, onStep, signal, onProgress } = options
  const guidance = guidanceOf(options)
  const predict = predictor(options)
  const steps = run.timesteps.length
  let { latents } = options
  for (const [i, timestep] of run.timesteps.entries()) {
    const fail = (what: string, cause?: unknown) => nonFiniteStep(i + 1, steps, timestep, what, cause)
    const input = run.scaleModelInput(latents, timestep)
    const modelOutput = await predict(input, timestep, guidance(i, steps), i).catch(error => {
      throw isVisCPMError(error, 'NON_FINITE') ? fail(error.message, error) : error
    })
    const { prevSample, predOriginalSample } = run.step({
      modelOutput,
      timestep,
      sample: latents,
      noise: () => options.noise(latents.shape),
    })
    latents = inpainting ? blended(prevSample, inpainting, run) : prevSample
    const bad = firstNonFinite(latents.data)
    if (bad >= 0) throw fail(`the latents hold ${latents.data[bad]}`)
    const preview = () => previewLatents(predOriginalSample, options.previewFactors)
    onStep?.({ step: i + 1, steps, timestep, latents, preview })
    onProgress?.({ phase: 'denoise', done: i + 1, total: steps, unit: 'steps' })
    signal?.throwIfAborted()
  }
  return latents
}

type Predict = (input: Sample, timestep: number, scale: number | undefined, step: number) => Promise<Sample>

/** One evaluation of the model over the whole batch, guided where there is a scale. */
function predictor(options: DenoiseOptions): Predict {
  const { denoiser, signal, deepCache, tokenMerging } = options
  const run = { ...(signal && { signal }), ...(tokenMerging && { tokenMerging }) }
  const evaluate = evaluator(denoiser, deepCache, run)
  const [batch] = options.latents.shape as [number]
  const { batchSize = batch } = options
  if (!Number.isSafeInteger(batchSize) || batchSize < 1)
    throw new InvalidArgumentError({
      argument: 'batchSize',
      message: `must be a positive whole number, not ${batchSize}`,
    })
  const cond = contextRows('context', options.context, batch)
  const uncond = options.negativeContext && contextRows('negativeContext', options.negativeContext, batch)
  if (uncond && String(uncond.shape) !== String(cond.shape))
    throw new InvalidArgumentError({
      argument: 'negativeContext',
      message: `[${options.negativeContext!.shape}] is not like the context's [${options.context.shape}]`,
      hint: 'Both texts are padded to the longer one.',
    })
  return async (input, timestep, scale, step) => {
    if (scale !== undefined && !uncond)
      throw new InvalidArgumentError({
        argument: 'negativeContext',
        message: 'is needed for guidance',
        hint: 'Give the states of an empty text, or guidanceScale 1 with skipUnguided.',
      })
    const parts: Sample[] = []
    for (let first = 0; first < batch; first += batchSize) {
      const end = Math.min(first + batchSize, batch)
      const [x, c] = [rowsOf(input, first, end), rowsOf(cond, first, end)]
      await pause()
      signal?.throwIfAborted()
      const part = { step, first, timestep }
      if (scale === undefined) parts.push(await evaluate({ ...part, guided: false, input: x, context: c }))
      else {
        const context = stackedRows([rowsOf(uncond!, first, end), c])
        parts.push(guided(await evaluate({ ...part, guided: true, input: stackedRows([x, x]), context }), scale))
      }
    }
    return stackedRows(parts)
  }
}

function contextRows(argument: string, context: Tensor, batch: number): Tensor<'float32'> {
  const rows = context.shape[0] === 1 ? 1 : batch
  return repeatedRows(checkedFloats(argument, context, [rows, 'tokens', 'width']), batch)
}
