import { readFileSync } from 'node:fs'
import type { FilePlace } from '../../quantize/layout.js'
import {
  type ConversionManifest,
  chainText,
  conversionVersion,
  type HashedPlace,
  type ManifestFile,
  type ManifestTensor,
  manifestFormat,
} from '../../quantize/manifest.js'
import { piecesOf } from '../../quantize/pieces.js'
import type { PlannedTensor, QuantizationPlan } from '../../quantize/plan.js'
import type { Rounding } from '../../quantize/rounding.js'
import { numel } from '../../tensor.js'
import type { PieceResult } from './piece-task.js'
import { weightsName } from './places.js'
import type { SourceFiles } from './source.js'
import { sha256, treeRoot } from './tree-hash.js'

/** Version of this package; its package.json lies as far above the sources as above what they are built to. */
function coreVersion(): string {
  const json = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(json) as { version: string }).version
}

/** Hash of what a rounding knows of the plan's matrices; undefined for nothing. */
function weightsDigest(plan: QuantizationPlan, rounding: Rounding): string | undefined {
  const known = plan.tensors.flatMap(({ key, source, blocks }) => {
    const weights = blocks && rounding.columnWeights?.(key, source.shape[1]!)
    return weights ? [`${key} ${sha256(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength))}`] : []
  })
  return known.length > 0 ? sha256(known.join('\n')) : undefined
}

/** The options as the manifest keeps them. */
export function describedOptions(plan: QuantizationPlan, rounding: Rounding): ConversionManifest['options'] {
  const weights = weightsDigest(plan, rounding)
  return { ...plan.options, rounding: rounding.name, ...(weights && { weights }) }
}

/** Everything that decides the bytes of the new file, but for the source's. */
export function planDigest(plan: QuantizationPlan, rounding: Rounding): string {
  const { tensors, dropped, header } = plan
  const options = describedOptions(plan, rounding)
  return sha256(JSON.stringify({ version: conversionVersion, options, tensors, dropped, header: sha256(header) }))
}

const hashed = (
  { dtype, shape, offset, length }: FilePlace,
  digests: readonly string[],
  piece: number,
): HashedPlace => ({
  ...{ dtype, shape, offset, length },
  sha256: treeRoot(digests),
  piece,
})

/** What became of a tensor, from what became of its pieces. */
export function describeTensor(planned: PlannedTensor, results: readonly PieceResult[]): ManifestTensor {
  const { key, group, action, source, target, blocks } = planned
  const sizes = piecesOf(planned)
  const from = { sha256: treeRoot(results.map(one => one.source)), piece: sizes.source }
  return {
    ...{ key, group, action },
    source: { dtype: source.dtype, shape: source.shape, ...from },
    target: hashed(
      target,
      results.map(one => one.target),
      sizes.target,
    ),
    ...(blocks && {
      bits: blocks.bits,
      block_size: blocks.blockSize,
      scales: hashed(
        blocks.scales,
        results.map(one => one.scales!),
        sizes.scales,
      ),
      error: errorOf(results, numel(source.shape)),
    }),
  }
}

function errorOf(results: readonly PieceResult[], elements: number): NonNullable<ManifestTensor['error']> {
  // In the order of the pieces: sums of the same numbers in another order could differ.
  let squares = 0
  let errors = 0
  let largest = 0
  for (const { error } of results) {
    squares += error!.squares
    errors += error!.squaredErrors
    largest = Math.max(largest, error!.largestError)
  }
  return { rms: Math.sqrt(errors / elements), relative: squares > 0 ? Math.sqrt(errors / squares) : 0, largest }
}

export function describeConversion(
  plan: QuantizationPlan,
  rounding: Rounding,
  files: SourceFiles,
  tensors: readonly ManifestTensor[],
  beside: readonly ManifestFile[],
): ConversionManifest {
  const described = {
    format: manifestFormat,
    version: conversionVersion,
    core: coreVersion(),
    kind: plan.kind,
    options: describedOptions(plan, rounding),
    source: { files: files.described },
    file: { name: weightsName, bytes: plan.size, header: sha256(plan.header) },
    tensors,
    dropped: plan.dropped,
    beside,
  } as const
  return { ...described, chain: sha256(chainText(described)) }
}

/** The manifest's text: one tensor a line. */
export function manifestText({ tensors, ...rest }: ConversionManifest): string {
  const lines = Object.entries(rest).map(([name, value]) => [name, JSON.stringify(value)] as const)
  const list = tensors.map(tensor => `  ${JSON.stringify(tensor)}`).join(',\n')
  lines.splice(-3, 0, ['tensors', `[\n${list}\n ]`])
  return `{\n${lines.map(([name, value]) => ` ${JSON.stringify(name)}: ${value}`).join(',\n')}\n}\n`
}
