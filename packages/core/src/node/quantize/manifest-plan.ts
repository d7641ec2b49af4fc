import { itemSize } from '../../dtype.js'
import type { ConversionManifest, ManifestTensor } from '../../quantize/manifest.js'
import type { PlannedTensor, QuantizationPlan } from '../../quantize/plan.js'
import { numel } from '../../tensor.js'

/** A manifest's tensor as a plan has it. */
function planned({ key, group, action, source, target, bits, block_size, scales }: ManifestTensor): PlannedTensor {
  const { dtype, shape } = source
  const place = ({ dtype, shape, offset, length }: ManifestTensor['target']) => ({ dtype, shape, offset, length })
  return {
    ...{ key, group, action },
    source: { dtype, shape, nbytes: numel(shape) * itemSize(dtype) },
    target: place(target),
    ...(bits && block_size && scales && { blocks: { bits, blockSize: block_size, scales: place(scales) } }),
  }
}

/** The plan that a manifest tells of, but for the file's header. */
export function planOf({ kind, options, tensors, dropped, file }: ConversionManifest): QuantizationPlan {
  const known = dropped as QuantizationPlan['dropped']
  return { kind, options, tensors: tensors.map(planned), dropped: known, header: new Uint8Array(), size: file.bytes }
}

/** What two plans must agree in. */
export function signature({ tensors }: QuantizationPlan): string {
  const fields = tensors.map(({ key, action, source, target, blocks }) => [
    ...[key, action, source.dtype, source.shape, target.offset, target.length],
    ...(blocks ? [blocks.bits, blocks.blockSize, blocks.scales.offset] : []),
  ])
  return JSON.stringify(fields)
}
