import type { ByteSource } from '../bytes.js'
import { FileFormatError } from '../errors.js'
import { detectKind, notACheckpoint } from './detect.js'
import { limits } from './limits.js'
import { openSafetensors } from './safetensors.js'
import { openShardedSafetensors, type ResolveFile } from './sharded.js'
import { openTorch } from './torch.js'
import type { WeightSource } from './types.js'

export interface OpenWeightsOptions {
  /** Opens a file that lies beside `source`; needed for the index of a sharded checkpoint. */
  readonly resolve?: ResolveFile
}

/**
 * Opens a checkpoint of any kind by its first bytes, whatever its name: torch.save (zip or legacy), safetensors, or a
 * safetensors index. Closing the weights closes `source`; when this throws, `source` is still the caller's.
 * @throws FileFormatError, UnsafePickleError
 */
export async function openWeights(source: ByteSource, { resolve }: OpenWeightsOptions = {}): Promise<WeightSource> {
  const kind = await detectKind(source)
  if (kind === 'torch-zip' || kind === 'torch-legacy') return openTorch(source)
  if (kind === 'safetensors') return openSafetensors(source)
  if (kind !== 'json') throw await notACheckpoint(source)

  if (source.size > limits.headerBytes)
    throw new FileFormatError({ file: source.name, message: `a JSON file of ${source.size} bytes, not a checkpoint` })
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await source.read(0, source.size))
  } catch (cause) {
    throw new FileFormatError({ file: source.name, message: 'a JSON file that is not UTF-8', cause })
  }
  if (!resolve || !text.includes('"weight_map"'))
    throw new FileFormatError({
      file: source.name,
      message: resolve
        ? 'a JSON file, not a checkpoint'
        : 'the index of a sharded checkpoint, whose shards cannot be reached from here',
      hint: 'Name the file that holds the weights.',
    })
  const weights = await openShardedSafetensors(text, resolve, source.name)
  await source.close()
  return weights
}
