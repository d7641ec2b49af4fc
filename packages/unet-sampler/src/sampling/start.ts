import { NonFiniteError, type Tensor, tensor, WrongShapeError } from '@viscpm/core'
import { checkedFloats } from '../blocks/values.js'
import type { Sample, SchedulerRun } from '../schedulers/index.js'
import { repeatedRows } from './batches.js'
import type { NoiseSource } from './noise.js'

export interface FirstSample {
  /** What the run begins with. */
  readonly latents: Sample
  /** The noise in it: standard normal, as drawn or given. */
  readonly noise: Sample
}

/**
 * The first sample of a run: noise of the scheduler's strength, or a picture's latents with the noise of the run's first
 * timestep (image-to-image).
 * @param shape [batch, channels, h, w]
 * @param from `noise` is drawn in one call unless `latents` (standard normal, of the shape) are given; `original` are the
 * picture's latents, scaled, [1 or batch, channels, h, w].
 * @throws WrongShapeError, InvalidArgumentError, NonFiniteError
 */
export function firstSample(
  run: SchedulerRun,
  shape: readonly number[],
  from: { readonly noise: NoiseSource; readonly latents?: Tensor | undefined; readonly original?: Sample | undefined },
): FirstSample {
  const noise = from.latents ? givenLatents(from.latents, shape) : from.noise(shape)
  if (from.original) {
    const original = repeatedRows(from.original, shape[0]!)
    return { latents: run.addNoise(original, noise, run.timesteps[0]!), noise }
  }
  const sigma = Math.fround(run.initNoiseSigma)
  return {
    latents:
      sigma === 1
        ? noise
        : tensor(
            'float32',
            noise.data.map(v => v * sigma),
            shape,
          ),
    noise,
  }
}

/** @throws WrongShapeError for another shape, InvalidArgumentError for another dtype, NonFiniteError */
export function givenLatents(latents: Tensor, shape: readonly number[]): Sample {
  if (String(latents.shape) !== String(shape))
    throw new WrongShapeError({
      key: 'latents',
      expected: shape,
      actual: latents.shape,
      message: `latents: [${latents.shape}] are given, this picture needs [${shape}]`,
      hint: '[pictures, latent channels, height / 8, width / 8], standard normal; as many pictures as candidates in all.',
    })
  return checkedFloats('latents', latents, shape)
}

/** The error of a step that gives NaN or infinity. */
export function nonFiniteStep(
  step: number,
  steps: number,
  timestep: number,
  what: string,
  cause?: unknown,
): NonFiniteError {
  return new NonFiniteError({
    message: `step ${step} of ${steps} (timestep ${timestep}): ${what}`,
    hint: 'Weights in half precision may overflow; a wrong checkpoint, prediction type or very large guidance ends like this too.',
    ...(cause === undefined ? {} : { cause }),
  })
}
