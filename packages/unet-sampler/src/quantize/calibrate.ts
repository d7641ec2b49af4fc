import type { TaskOptions, Tensor } from '@viscpm/core'
import { checkedFloats } from '../blocks/values.js'
import type { Denoiser } from '../sampling/denoise.js'
import { UNet2DConditionModel, type UNetOptions } from '../unet/unet.js'
import { scaledBy } from '../vae/posterior.js'
import { AutoencoderKL, type VaeOptions } from '../vae/vae.js'
import { keptOfUNet, keptOfVaeDecoder, quantizes } from './layers.js'
import { type LayerRanges, type RangeOptions, RangeRecorder } from './recorder.js'

export interface CalibratorOptions extends RangeOptions {
  /** Layers that stay float32, matched with their keys without prefix. Default `keptOfUNet`, or `keptOfVaeDecoder`. */
  readonly keep?: readonly RegExp[]
}

/** A UNet that takes down the ranges of its layers while it denoises: give it to `denoise` as any other. */
export class UNetCalibrator implements Denoiser {
  readonly #model: UNet2DConditionModel
  readonly #recorder: RangeRecorder

  private constructor(model: UNet2DConditionModel, recorder: RangeRecorder) {
    this.#model = model
    this.#recorder = recorder
  }

  /** @throws as `UNet2DConditionModel.load`, InvalidArgumentError */
  static async load({ keep = keptOfUNet, ...options }: UNetOptions & CalibratorOptions): Promise<UNetCalibrator> {
    const recorder = new RangeRecorder(quantizes(options.prefix ?? '', keep), options)
    return new UNetCalibrator(await UNet2DConditionModel.load({ ...options, recorder }), recorder)
  }

  /** As `UNet2DConditionModel.run`. @throws InvalidArgumentError, NonFiniteError, DisposedError */
  async run(
    sample: Tensor,
    timestep: number | Tensor,
    encoderHiddenStates: Tensor,
    { signal }: Pick<TaskOptions, 'signal'> = {},
  ): Promise<Tensor<'float32'>> {
    signal?.throwIfAborted()
    const names = ['out_sample', RangeRecorder.output]
    const found = await this.#model.forward(sample, timestep, encoderHiddenStates, names)
    this.#recorder.add(found[RangeRecorder.output]!)
    return found.out_sample as Tensor<'float32'>
  }

  /** Over all runs so far. @throws InvalidArgumentError before the first */
  ranges(): LayerRanges {
    return this.#recorder.ranges()
  }

  /** Frees the weights. Idempotent. */
  async dispose(): Promise<void> {
    await this.#model.dispose()
  }
}

/** One evaluation of the UNet; see `UNet2DConditionModel.run`. */
export interface UNetCase {
  readonly sample: Tensor
  readonly timestep: number | Tensor
  readonly encoderHiddenStates: Tensor
}

/**
 * The ranges of a UNet's layers over the given evaluations.
 * @throws as `UNetCalibrator`; the signal's reason when aborted
 */
export async function calibrateUNet(
  options: UNetOptions & CalibratorOptions & { readonly cases: Iterable<UNetCase> | AsyncIterable<UNetCase> },
): Promise<LayerRanges> {
  const { cases, ...rest } = options
  const calibrator = await UNetCalibrator.load(rest)
  try {
    for await (const { sample, timestep, encoderHiddenStates } of cases)
      await calibrator.run(sample, timestep, encoderHiddenStates, rest)
    return calibrator.ranges()
  } finally {
    await calibrator.dispose()
  }
}

/**
 * The ranges of the layers of a VAE's decoder over the given latents, [batch, latent_channels, h, w] as the UNet gives them.
 * @throws as `AutoencoderKL.load`, InvalidArgumentError, NonFiniteError; the signal's reason when aborted
 */
export async function calibrateVaeDecoder({
  latents,
  keep = keptOfVaeDecoder,
  ...options
}: VaeOptions & CalibratorOptions & { readonly latents: Iterable<Tensor> }): Promise<LayerRanges> {
  const recorder = new RangeRecorder(quantizes(options.prefix ?? '', keep), options)
  const { latent_channels, scaling_factor } = options.config
  const vae = await AutoencoderKL.load({ ...options, parts: ['decoder'], recorder })
  try {
    for (const batch of latents) {
      options.signal?.throwIfAborted()
      const checked = checkedFloats('latents', batch, ['batch', latent_channels, 'height', 'width'])
      const found = await vae.forward('decoder', scaledBy(checked, 1 / scaling_factor), [RangeRecorder.output])
      recorder.add(found[RangeRecorder.output]!)
    }
    return recorder.ranges()
  } finally {
    await vae.dispose()
  }
}
