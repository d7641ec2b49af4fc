import { InvalidArgumentError, type Tensor } from '@viscpm/core'
import type { Sample } from '../schedulers/index.js'
import { rowsOf } from './batches.js'
import type { Denoiser, DenoiserRunOptions } from './denoise.js'

/** Source: DeepCache (arXiv 2312.00858): what the deep layers give changes little from step to step. */
export interface DeepCacheOptions {
  /** The whole model runs at every so many-th evaluation, from the first on; between them its outermost part. 1: always. */
  readonly interval: number
  /** How much runs between them: 0 (default) is the last layer only, and each more a layer on both sides of the UNet. */
  readonly branch?: number | undefined
}

/** With every default filled in. */
export interface DeepCache extends DeepCacheOptions {
  readonly branch: number
}

/** `branch`: layers of the last up block that run besides the outermost one. */
export type DeepRunOptions = DenoiserRunOptions & { readonly branch: number }

/** A denoiser whose deep part can be left out; `UNet2DConditionModel` is one. */
export interface DeepDenoiser extends Denoiser {
  /** `branch` is below it. */
  readonly branches: number
  /** As `run`, with what `runShallow` takes for the same rows: [n, ...]. */
  runDeep(
    sample: Tensor,
    timestep: number,
    encoderHiddenStates: Tensor,
    options: DeepRunOptions,
  ): Promise<{ output: Tensor<'float32'>; deep: Tensor<'float32'> }>
  runShallow(
    sample: Tensor,
    timestep: number,
    encoderHiddenStates: Tensor,
    deep: Tensor,
    options: DeepRunOptions,
  ): Promise<Tensor<'float32'>>
}

/**
 * The options with every default filled in; undefined where the whole model always runs.
 * @param branches of the model, where they are known
 * @throws InvalidArgumentError
 */
export function deepCacheOf(
  options: DeepCacheOptions | undefined,
  branches: number = Number.POSITIVE_INFINITY,
): DeepCache | undefined {
  if (options === undefined) return undefined
  const fail = (message: string) => {
    throw new InvalidArgumentError({ argument: 'deepCache', message })
  }
  if (options === null || typeof options !== 'object')
    fail(`must be an object with an interval, not ${String(options)}`)
  const { interval, branch = 0, ...unknown } = options
  const [other] = Object.keys(unknown)
  if (other !== undefined) fail(`has no option ${other}: interval and branch are known`)
  if (!Number.isSafeInteger(interval) || interval < 1)
    fail(`interval must be a whole number from 1, not ${String(interval)}`)
  if (!Number.isSafeInteger(branch) || branch < 0 || branch >= branches)
    fail(
      `branch must be a whole number from 0${branches < Infinity ? ` to ${branches - 1}` : ''}, not ${String(branch)}`,
    )
  return interval === 1 ? undefined : { interval, branch }
}

/** One evaluation of some pictures' rows; guided ones come twice, those without the prompt first. */
export interface Evaluation {
  /** From 0. */
  readonly step: number
  /** Which of the pictures: the same each time. */
  readonly first: number
  readonly guided: boolean
  readonly input: Sample
  readonly timestep: number
  readonly context: Tensor
}

export type Evaluate = (evaluation: Evaluation) => Promise<Sample>

/**
 * Evaluates a denoiser, with a cache where it is asked for. The cache lives as long as the function: one denoising. A step
 * that is guided after a whole one that was not is a whole one too, as the cache lacks its rows.
 * @throws InvalidArgumentError for options that are wrong, or a denoiser that has no deep part
 */
export function evaluator(
  denoiser: Denoiser,
  options: DeepCacheOptions | undefined,
  run: DenoiserRunOptions,
): Evaluate {
  const settled = deepCacheOf(options, isDeep(denoiser) ? denoiser.branches : undefined)
  if (!settled) return ({ input, timestep, context }) => denoiser.run(input, timestep, context, run)
  if (!isDeep(denoiser))
    throw new InvalidArgumentError({ argument: 'deepCache', message: 'this denoiser has no deep part to leave out' })
  const { interval, branch } = settled
  const cache = new Map<number, { deep: Tensor<'float32'>; guided: boolean }>()
  return async ({ step, first, guided, input, timestep, context }) => {
    const known = step % interval === 0 ? undefined : cache.get(first)
    if (known && (known.guided || !guided)) {
      const rows = known.deep.shape[0]!
      const deep = known.guided && !guided ? rowsOf(known.deep, rows / 2, rows) : known.deep
      return denoiser.runShallow(input, timestep, context, deep, { ...run, branch })
    }
    cache.delete(first) // freed before the next is there
    const { output, deep } = await denoiser.runDeep(input, timestep, context, { ...run, branch })
    cache.set(first, { deep, guided })
    return output
  }
}

function isDeep(denoiser: Denoiser): denoiser is DeepDenoiser {
  return 'runShallow' in denoiser && 'runDeep' in denoiser
}
