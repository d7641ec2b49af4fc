import type { SessionOptions } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint, openModelFolder } from '@viscpm/core/node'
import { onCpuUnlessSaid } from '@viscpm/core/session'
import {
  parseCLIPPreprocessing,
  parseSafetyCheckerConfig,
  StableDiffusionSafetyChecker,
} from '../stable-diffusion/index.js'
import { hashOfWeights } from './hash.js'

export interface LoadStableDiffusionSafetyCheckerOptions extends SessionOptions {
  /** File of the weights. Default: the folder's model.safetensors, its sharded index, or pytorch_model.bin. */
  readonly weights?: string
  /** How it calls itself. Default 'stable-diffusion-safety-checker'. */
  readonly name?: string
}

/**
 * Loads a safety checker from a folder as diffusers has it: `config.json` and the weights. How pictures are scaled says
 * `preprocessor_config.json`, in the folder or, as in a whole pipeline, in `feature_extractor` beside it; without one
 * it is CLIP's way. The verdicts' `modelHash` is the weights' SHA-256.
 * @throws FileNotFoundError, FileFormatError, UnsafePickleError, MissingDependencyError, and what
 * `StableDiffusionSafetyChecker.load` throws
 */
export async function loadStableDiffusionSafetyChecker(
  folder: string,
  options: LoadStableDiffusionSafetyCheckerOptions = {},
): Promise<StableDiffusionSafetyChecker> {
  const { weights: file, ...rest } = onCpuUnlessSaid(options)
  rest.signal?.throwIfAborted()
  const files = await openModelFolder(folder, 'config.json and the weights')
  const config = await files.json('config.json', parseSafetyCheckerConfig)
  const preprocessing =
    (await files.jsonIfThere('preprocessor_config.json', parseCLIPPreprocessing)) ??
    (await files.jsonIfThere('../feature_extractor/preprocessor_config.json', parseCLIPPreprocessing))
  const weights = await openCheckpoint(file ?? folder)
  try {
    return await StableDiffusionSafetyChecker.load({
      ...rest,
      weights,
      config,
      ...(preprocessing && { preprocessing }),
      backend: onnxruntimeNode(),
      modelHash: () => hashOfWeights(weights, rest.signal),
    })
  } finally {
    // The session has mapped or copied what it needs.
    await weights.close()
  }
}
