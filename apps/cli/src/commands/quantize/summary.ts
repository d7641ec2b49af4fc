import { itemSize, numel } from '@viscpm/core'
import type { ConversionManifest, ManifestTensor, TensorGroup } from '@viscpm/core/quantize'
import type { Context } from '../../context.js'
import { displayWidth, formatBytes, padTo } from '../../terminal/format.js'

/** What became of the tensors of one group in one way. */
export interface GroupSummary {
  readonly group: TensorGroup
  /** int4/128, int8/128, float16, or undefined for what stayed as it was. */
  readonly format: string | undefined
  readonly tensors: number
  readonly before: number
  readonly after: number
  /** Of all their weights together; undefined for what is not quantized. */
  readonly relativeError: number | undefined
}

const before = ({ source }: ManifestTensor): number => numel(source.shape) * itemSize(source.dtype)
const after = ({ target, scales }: ManifestTensor): number => target.length + (scales?.length ?? 0)

function formatOf({ action, bits, block_size }: ManifestTensor): string | undefined {
  if (action === 'quantize') return `int${bits}/${block_size}`
  return action === 'convert' ? 'float16' : undefined
}

/** Quantized tensors first within a group. */
export function summaries({ tensors }: ConversionManifest): GroupSummary[] {
  const order: readonly TensorGroup[] = ['language', 'embedding', 'vision', 'other']
  return order.flatMap(group => {
    const own = tensors.filter(tensor => tensor.group === group)
    const formats = [...new Set(own.map(formatOf))].sort((a, b) => (a ?? '~').localeCompare(b ?? '~'))
    return formats.map(format => {
      const alike = own.filter(tensor => formatOf(tensor) === format)
      return {
        ...{ group, format },
        tensors: alike.length,
        before: alike.reduce((sum, tensor) => sum + before(tensor), 0),
        after: alike.reduce((sum, tensor) => sum + after(tensor), 0),
        relativeError: errorOf(alike),
      }
    })
  })
}

function errorOf(tensors: readonly ManifestTensor[]): number | undefined {
  let errors = 0
  let squares = 0
  for (const { source, error } of tensors) {
    if (!error) continue
    const elements = numel(source.shape)
    errors += error.rms ** 2 * elements
    if (error.relative > 0) squares += (error.rms / error.relative) ** 2 * elements
  }
  if (tensors.every(({ error }) => !error)) return undefined
  return squares > 0 ? Math.sqrt(errors / squares) : 0
}

/** The summary as a table. */
export function summaryLines({ t }: Context, manifest: ConversionManifest): string[] {
  const rows = summaries(manifest).map(({ group, format, tensors, before, after, relativeError }) => [
    t.quantize.groups[group],
    format ?? t.quantize.kept,
    t.quantize.group(String(tensors), formatBytes(before), formatBytes(after)),
    relativeError === undefined ? '' : t.quantize.relativeError((relativeError * 100).toFixed(2)),
  ])
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => displayWidth(row[column]!))))
  return rows.map(row =>
    row
      .map((cell, i) => padTo(cell, widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** Bytes of the source that were used, and of the new file. */
export function sizes({ tensors, dropped, file }: ConversionManifest): { before: number; after: number } {
  const left = dropped.reduce((sum, { nbytes }) => sum + nbytes, 0)
  return { before: tensors.reduce((sum, tensor) => sum + before(tensor), left), after: file.bytes }
}
