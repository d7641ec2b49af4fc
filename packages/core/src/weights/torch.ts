import type { ByteSource } from '../bytes.js'
import { FileFormatError } from '../errors.js'
import { detectKind, notACheckpoint } from './detect.js'
import { openTorchLegacy } from './torch-legacy.js'
import { openTorchZip } from './torch-zip.js'
import type { WeightSource } from './types.js'

/**
 * Opens what torch.save wrote (`.pt`, `.pth`, `.bin`), zip or legacy. Tensors are located; none is read. The pickle
 * is interpreted into inert data from an allow-list, and nothing of it is ever executed. Closing the weights closes
 * `source`; when this throws, `source` is still the caller's.
 * @throws UnsafePickleError when the pickle names anything but plain tensors and containers.
 * @throws FileFormatError when the file is of another kind, damaged, compressed or lying about sizes.
 */
export async function openTorch(source: ByteSource): Promise<WeightSource> {
  const kind = await detectKind(source)
  if (kind === 'torch-zip') return openTorchZip(source)
  if (kind === 'torch-legacy') return openTorchLegacy(source)
  if (kind === 'safetensors')
    throw new FileFormatError({
      file: source.name,
      message: 'a safetensors file, not one of torch.save',
      hint: 'Use openSafetensors or openWeights.',
    })
  throw await notACheckpoint(source)
}
