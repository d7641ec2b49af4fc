import type { DType } from '../dtype.js'
import { FileFormatError } from '../errors.js'
import type { PartName } from '../weights/checkpoint-parts.js'
import { type CheckpointReport, detectCheckpoint, type ModelKind } from '../weights/detect-checkpoint.js'
import type { TensorInfo, WeightSource } from '../weights/types.js'
import { type FilePlace, layOut } from './layout.js'
import {
  blockSizes,
  matchesKey,
  type QuantizeOptions,
  type SettledOptions,
  settleOptions,
  type TensorFormat,
} from './options.js'

/** Where a tensor belongs, for summaries. */
export type TensorGroup = 'language' | 'embedding' | 'vision' | 'other'

export interface PlannedTensor {
  readonly key: string
  readonly group: TensorGroup
  /** keep: the same bytes; convert: float16; quantize: blocks. */
  readonly action: 'keep' | 'convert' | 'quantize'
  readonly source: { readonly dtype: DType; readonly shape: readonly number[]; readonly nbytes: number }
  readonly target: FilePlace
  /** Only of what is quantized. */
  readonly blocks?: { readonly bits: 4 | 8; readonly blockSize: number; readonly scales: FilePlace }
}

export interface DroppedTensor {
  readonly key: string
  /** training-only: running the model does not use it; recomputed: a table that is made anew. */
  readonly reason: 'training-only' | 'recomputed'
  readonly nbytes: number
}

/** What becomes of every tensor of a checkpoint, and where in the new file it lies. */
export interface QuantizationPlan {
  readonly kind: ModelKind
  readonly options: SettledOptions
  /** In the order of the file's keys. */
  readonly tensors: readonly PlannedTensor[]
  readonly dropped: readonly DroppedTensor[]
  /** Beginning of the new file, up to its first tensor. */
  readonly header: Uint8Array
  /** Bytes of the new file. */
  readonly size: number
}

const convertible: ReadonlySet<ModelKind> = new Set(['viscpm-chat', 'viscpm-paint', 'cpm-bee', 'q-former'])
const floats: ReadonlySet<DType> = new Set(['float16', 'bfloat16', 'float32'])
const visionParts: ReadonlySet<PartName | undefined> = new Set(['vision', 'query', 'mapping'])

/**
 * Plans the conversion of a VisCPM or CPM-Bee checkpoint; no tensor is read. Matrices of layers are quantized, and of the
 * vision part and the token table; everything else (norms, biases, position tables, the patch convolution; UNet and
 * trans_block) stays as it is, or becomes float16 for dtype fp16 where it belongs to the language model or the vision part.
 * @throws InvalidArgumentError for options, FileFormatError for a checkpoint of another kind or one quantized already
 */
export function planQuantization(source: WeightSource, options: QuantizeOptions): QuantizationPlan {
  const settled = settleOptions(options)
  const report = detectCheckpoint(source)
  if (!convertible.has(report.kind))
    throw new FileFormatError({
      file: source.name,
      message: `no checkpoint that can be converted (found: ${report.kind})`,
      hint: 'VisCPM-Chat, VisCPM-Paint and CPM-Bee can.',
    })
  const dropped = report.ignored.flatMap(({ key, reason }) =>
    reason === 'unknown' ? [] : [{ key, reason, nbytes: source.info(key).nbytes }],
  )
  const gone = new Set(dropped.map(({ key }) => key))
  const wanted = source
    .keys()
    .filter(key => !gone.has(key))
    .map(key => drafted(source.info(key), ownerOf(key, report), settled, source.name))
  const { places, scales, header, size } = layOut(inOrder(wanted))
  const tensors = wanted.map(({ blocks, ...draft }) => ({
    ...draft,
    target: places.get(draft.key)!,
    ...(blocks && { blocks: { ...blocks, scales: scales.get(draft.key)! } }),
  }))
  return { kind: report.kind, options: settled, tensors, dropped, header, size }
}

/** A tensor whose place is not known yet. */
export type Draft = Omit<PlannedTensor, 'target' | 'blocks'> & {
  readonly blocks?: { readonly bits: 4 | 8; readonly blockSize: number }
}

interface Owner {
  readonly part: PartName | undefined
  /** The key without what comes before the part's own names. */
  readonly own: string
}

function ownerOf(key: string, { parts }: CheckpointReport): Owner {
  const found = parts
    .filter(({ prefix, name }) => key.startsWith(prefix) && ownNames[name]?.test(key.slice(prefix.length)))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0]
  return { part: found?.name, own: found ? key.slice(found.prefix.length) : key }
}

const ownNames: Partial<Record<PartName, RegExp>> = {
  llm: /^(encoder\.|input_embedding\.|position_bias\.)/,
  vision: /^beit3\./,
  query: /^query$/,
  mapping: /^mapping\./,
}

/** Matrices that a product is made with, by the names of their part. */
const matrices: Partial<Record<PartName, RegExp>> = {
  llm: /^encoder\.layers\.\d+\.(self_att|ffn)\..*\.weight$/,
  vision: /^beit3\.encoder\.layers\.\d+\.(self_attn|ffn)\..*\.weight$/,
  mapping: /^mapping\.\d+\.weight$/,
}

function drafted(info: TensorInfo, owner: Owner, options: SettledOptions, file: string): Draft {
  const { key, dtype, shape, nbytes } = info
  if (info.quantization)
    throw new FileFormatError({
      file,
      message: `${key} is quantized already`,
      hint: 'Convert the original checkpoint.',
    })
  const isTable = owner.part === 'llm' && owner.own === 'input_embedding.weight'
  const isVision = visionParts.has(owner.part)
  const group = isTable ? 'embedding' : owner.part === 'llm' ? 'language' : isVision ? 'vision' : 'other'
  const draft = { key, group, source: { dtype, shape, nbytes } } as const
  const isMatrix = isTable || (matrices[owner.part ?? 'vae']?.test(owner.own) ?? false)
  const format = formatOf(key, group, isMatrix, options)
  if (!floats.has(dtype) || format === 'keep') return { ...draft, action: 'keep' }
  if (format === 'fp16') return { ...draft, action: dtype === 'float16' ? 'keep' : 'convert' }
  const columns = shape[1] ?? 0
  const asked = group === 'language' ? options.blockSize : 128
  const blockSize = blockSizes.find(size => size <= asked && columns > 0 && columns % size === 0)
  // What no block size divides, and what is no matrix of a product although a rule says so, stays as it is.
  const isProduct = isMatrix || (group === 'other' && key.endsWith('.weight'))
  if (!isProduct || shape.length !== 2 || shape[0] === 0 || blockSize === undefined) return { ...draft, action: 'keep' }
  return { ...draft, action: 'quantize', blocks: { bits: format === 'int4' ? 4 : 8, blockSize } }
}

function formatOf(key: string, group: TensorGroup, isMatrix: boolean, options: SettledOptions): TensorFormat {
  const rule = options.formats.find(({ pattern }) => matchesKey(pattern, key))
  if (rule) return rule.format
  if (group === 'other') return 'keep'
  const format = { embedding: options.embedding, vision: options.vision, language: options.dtype }[group]
  // Small tensors keep their precision beside quantized ones.
  return isMatrix || (format === 'fp16' && options.dtype === 'fp16') ? format : 'keep'
}

/** Names of the matrices that a graph multiplies with at once, in the order in which they must follow each other. */
const together = [
  ['project_q', 'project_k', 'project_v'],
  ['w_0', 'w_1'],
] as const

/** Quantized matrices first, those that belong together side by side, then the rest as it was. */
function inOrder(drafts: readonly Draft[]): Draft[] {
  const byKey = new Map(drafts.map(draft => [draft.key, draft]))
  const placed = new Set<Draft>()
  const ordered: Draft[] = []
  const put = (draft: Draft): void => {
    if (placed.has(draft)) return
    placed.add(draft)
    ordered.push(draft)
  }
  for (const draft of drafts) {
    if (draft.action !== 'quantize') continue
    for (const names of together) {
      const own = names.find(name => draft.key.endsWith(`.${name}.weight`))
      if (!own) continue
      const stem = draft.key.slice(0, -`${own}.weight`.length)
      for (const name of names) {
        const mate = byKey.get(`${stem}${name}.weight`)
        if (mate?.action === 'quantize') put(mate)
      }
    }
    put(draft)
  }
  return [...ordered, ...drafts.filter(draft => draft.action !== 'quantize')]
}
