import { type Tensor, tensor } from '@viscpm/core'
import { checkedFloats } from '../blocks/values.js'

/** What the encoder gives: a normal distribution for each latent value, not scaled. [batch, latent_channels, h, w] each. */
export interface Posterior {
  /** Its mean, which is also its mode: what to take where nothing is to be random. */
  readonly mean: Tensor<'float32'>
  /** Logarithm of its variance, in -30..20. */
  readonly logvar: Tensor<'float32'>
}

/**
 * A draw: mean + exp(logvar / 2) * noise. noise: the shape of mean, standard normal.
 * Source: diffusers, DiagonalGaussianDistribution.
 * @throws InvalidArgumentError for noise of another shape, NonFiniteError
 */
export function samplePosterior({ mean, logvar }: Posterior, noise: Tensor): Tensor<'float32'> {
  const { data } = checkedFloats('noise', noise, mean.shape)
  const out = mean.data.map((m, i) => {
    const deviation = Math.fround(Math.exp(logvar.data[i]! / 2))
    return m + Math.fround(deviation * data[i]!)
  })
  return tensor('float32', out, mean.shape)
}

/** x * factor, the factor rounded to float32 first as PyTorch does with a Python number. */
export function scaledBy(t: Tensor<'float32'>, factor: number): Tensor<'float32'> {
  const f = Math.fround(factor)
  return tensor(
    'float32',
    t.data.map(x => x * f),
    t.shape,
  )
}
