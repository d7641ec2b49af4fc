import { InvalidArgumentError, type Tensor } from '@viscpm/core'
import { TorchGenerator } from '@viscpm/core/random'
import { stackedRows } from './batches.js'

/** Standard normal noise: of one generator for the whole batch, or of one generator for each picture. */
export type NoiseSource = (shape: readonly number[]) => Tensor<'float32'>

/** A whole number of up to 64 bits; as in torch, only its low 32 bits count. */
export type Seed = number | bigint

/**
 * Noise as torch draws it: with one seed or generator the batch in one call, with a list each picture from its own, so
 * that a picture does not depend on the others. Seeds make new generators; generators go on where they are.
 * Source: diffusers, randn_tensor.
 * @throws InvalidArgumentError for an empty list or a bad seed; and when noise is drawn for another number of pictures.
 */
export function torchNoise(from: Seed | TorchGenerator | readonly (Seed | TorchGenerator)[]): NoiseSource {
  const generatorOf = (one: Seed | TorchGenerator) => (one instanceof TorchGenerator ? one : new TorchGenerator(one))
  if (!Array.isArray(from)) {
    const generator = generatorOf(from as Seed | TorchGenerator)
    return shape => generator.randn(shape)
  }
  const generators = (from as readonly (Seed | TorchGenerator)[]).map(generatorOf)
  if (generators.length === 0) throw new InvalidArgumentError({ argument: 'generators', message: 'the list is empty' })
  return ([batch, ...shape]) => {
    if (batch !== generators.length)
      throw new InvalidArgumentError({
        argument: 'generators',
        message: `${generators.length} are given for ${batch} pictures`,
        hint: 'Give one for each picture, or one for all.',
      })
    return stackedRows(generators.map(generator => generator.randn([1, ...shape])))
  }
}
