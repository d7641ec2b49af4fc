import type { Image } from '@viscpm/core'
import { schedulerFromConfig } from '@viscpm/unet-sampler'
import { imageHash } from './hash.js'
import type { GenerateOptions, PaintMetadata } from './types.js'
import { version } from './version.js'

/** Where a picture is to be painted again; a `VisCPMPaint` is one. */
export interface ReplayTarget {
  readonly modelHash: string
}

/** Pictures that the first painting was given: they are not in the file. */
export interface ReplayInputs {
  readonly image?: Image
  readonly mask?: Image
}

export interface ReplayPlan {
  /** For `generate`. All candidates are painted again, as noise and rounding depend on the whole batch. */
  readonly options: GenerateOptions
  /** Which of the result's `candidates` is the picture. */
  readonly candidate: number
  /** Why the picture may come out differently, one sentence each; empty when the same pixels are to be expected. */
  readonly differences: readonly string[]
}

/**
 * How to paint a picture again.
 * @throws ConfigError when its scheduler is not known
 */
export async function replay(
  metadata: PaintMetadata,
  target: ReplayTarget,
  inputs: ReplayInputs = {},
): Promise<ReplayPlan> {
  const {
    seed,
    guidanceInterval,
    skipUnguided,
    deepCache,
    tokenMerging,
    strength,
    image: _image,
    mask: _mask,
  } = metadata
  const { prompt, negativePrompt, syntax, count, candidates, width, height, steps, guidanceScale, batchSize } = metadata
  const options: GenerateOptions = {
    prompt,
    negativePrompt,
    syntax,
    count,
    candidates,
    width,
    height,
    steps,
    guidanceScale,
    batchSize,
    scheduler: schedulerFromConfig(metadata.scheduler),
    ...(seed !== undefined && { seed: typeof seed === 'string' ? BigInt(seed) : seed.map(BigInt) }),
    ...(guidanceInterval && { guidanceInterval }),
    ...(skipUnguided !== undefined && { skipUnguided }),
    ...(deepCache && { deepCache }),
    ...(tokenMerging !== undefined && { tokenMerging }),
    ...(inputs.image && { image: inputs.image, ...(strength !== undefined && { strength }) }),
    ...(inputs.image && inputs.mask && { mask: inputs.mask }),
  }
  return { options, candidate: metadata.candidate, differences: await differencesOf(metadata, target, inputs) }
}

async function differencesOf(metadata: PaintMetadata, target: ReplayTarget, inputs: ReplayInputs): Promise<string[]> {
  const { model, software, seed, latents } = metadata
  const found: string[] = []
  if (model.hash !== target.modelHash)
    found.push(
      `painted by another model: ${model.name} ${model.hash.slice(0, 10)}, this is ${target.modelHash.slice(0, 10)}`,
    )
  if (software.paint !== version) found.push(`painted by version ${software.paint}, this is ${version}`)
  if (seed === undefined)
    found.push("its noise came from the caller's own generator, whose state is not in the picture")
  if (latents !== undefined) found.push('its first noise was given by the caller, and is not in the picture')
  for (const name of ['image', 'mask'] as const) {
    const [recorded, given] = [metadata[name], inputs[name]]
    if (recorded !== undefined && !given) found.push(`it was painted from a given ${name}, which is needed again`)
    if (recorded === undefined && given)
      found.push(`it was painted without ${name === 'image' ? 'a picture' : 'a mask'}`)
    if (recorded !== undefined && given && (await imageHash(given)) !== recorded)
      found.push(`the ${name} is not the one that it was painted from`)
  }
  return found
}
