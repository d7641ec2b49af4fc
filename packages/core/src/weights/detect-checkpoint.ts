import { type DType, itemSize } from '../dtype.js'
import { numel } from '../tensor.js'
import { type IgnoredReason, type PartName, partPrefix, partRules, recomputed } from './checkpoint-parts.js'
import { type CheckpointSizes, llmSizes, querySizes, visionSizes } from './checkpoint-sizes.js'
import type { TensorInfo, WeightSource } from './types.js'

export type ModelKind =
  | 'viscpm-chat'
  | 'viscpm-paint'
  | 'cpm-bee'
  | 'q-former'
  | 'unet'
  | 'vae'
  | 'trans-block'
  | 'safety-checker'
  | 'bert'
  | 'chinese-clip'
  | 'unknown'

/** Sums over some tensors. Parameters are the elements of floating-point tensors. */
export interface TensorTotals {
  readonly tensors: number
  readonly parameters: number
  readonly nbytes: number
}

export interface CheckpointPart extends TensorTotals {
  readonly name: PartName
  /** Before the part's own key names, e.g. 'llm.'. */
  readonly prefix: string
  /** As many used parameters as the published model's. */
  readonly published: boolean
}

export interface CheckpointReport extends TensorTotals {
  readonly kind: ModelKind
  /** Which of the published models, if the file's name tells. */
  readonly variant?: 'balance' | 'zhplus' | 'v1'
  /** Every part of the kind has the published size. */
  readonly published: boolean
  /** Before all keys of the model, e.g. 'module.' of distributed training; '' normally. */
  readonly prefix: string
  readonly parts: readonly CheckpointPart[]
  readonly dtypes: Readonly<Partial<Record<DType, TensorTotals>>>
  readonly sizes: CheckpointSizes
  /** Keys that running the model does not use. */
  readonly ignored: readonly IgnoredTensor[]
}

export interface IgnoredTensor {
  readonly key: string
  readonly reason: IgnoredReason
  readonly parameters: number
}

/** Parts that make a kind, most telling first. */
const kinds: readonly (readonly [ModelKind, readonly PartName[]])[] = [
  ['viscpm-chat', ['llm', 'vision', 'query', 'mapping']],
  ['viscpm-paint', ['llm', 'unet', 'trans-block']],
  ['q-former', ['vision', 'query', 'mapping']],
  ['cpm-bee', ['llm']],
  ['unet', ['unet']],
  ['vae', ['vae']],
  ['trans-block', ['trans-block']],
  ['safety-checker', ['image-checker']],
  ['bert', ['prompt-checker']],
  ['chinese-clip', ['reranker']],
]

/** What is not of any other kind although it holds the kind's parts: half a VisCPM is no CPM-Bee. */
const alone: ReadonlySet<ModelKind> = new Set(['cpm-bee', 'unet', 'vae', 'trans-block', 'q-former'])

const halves: ReadonlySet<PartName> = new Set(['llm', 'vision', 'query', 'mapping', 'unet', 'trans-block'])

/**
 * Tells what a checkpoint is from its keys, shapes and dtypes; no tensor is read.
 * A kind only says which networks are there: whether every key is there is checked when the model is built.
 */
export function detectCheckpoint(source: WeightSource): CheckpointReport {
  const infos = source.keys().map(key => source.info(key))
  const keys = new Set(infos.map(info => info.key))
  const prefixes = new Map<PartName, string>()
  for (const name of Object.keys(partRules) as PartName[]) {
    const prefix = partPrefix(name, keys)
    if (prefix !== undefined) prefixes.set(name, prefix)
  }
  const owners = new Map<string, PartName>()
  const parts = [...prefixes].map(([name, prefix]) => describePart(name, prefix, infos, owners))
  const kind = kindOf(new Set(prefixes.keys()))
  const variant = variantOf(source.name)
  const wanted = kinds.find(([k]) => k === kind)?.[1] ?? []
  return {
    kind,
    ...(variant && kind.startsWith('viscpm') ? { variant } : {}),
    published: wanted.length > 0 && parts.every(part => !wanted.includes(part.name) || part.published),
    prefix: commonPrefix(prefixes, wanted),
    parts,
    ...totals(infos),
    dtypes: byDType(infos),
    sizes: {
      ...ifPresent(prefixes.get('llm'), prefix => llmSizes(source, prefix)),
      ...ifPresent(prefixes.get('vision'), prefix => visionSizes(source, prefix)),
      ...ifPresent(prefixes.get('query'), prefix => querySizes(source, prefix)),
    },
    ignored: infos.flatMap(info => {
      const reason = ignoredReason(info.key, owners.get(info.key), prefixes)
      return reason ? [{ key: info.key, reason, parameters: totals([info]).parameters }] : []
    }),
  }
}

function kindOf(present: ReadonlySet<PartName>): ModelKind {
  for (const [kind, parts] of kinds) {
    if (!parts.every(part => present.has(part))) continue
    const stray = alone.has(kind) && [...present].some(part => halves.has(part) && !parts.includes(part))
    if (!stray) return kind
  }
  return 'unknown'
}

function describePart(
  name: PartName,
  prefix: string,
  infos: readonly TensorInfo[],
  owners: Map<string, PartName>,
): CheckpointPart {
  const rule = partRules[name]
  const own = infos.filter(
    ({ key }) => !owners.has(key) && key.startsWith(prefix) && rule.owns.test(key.slice(prefix.length)),
  )
  for (const { key } of own) owners.set(key, name)
  const used = own.filter(({ key }) => !rule.trainingOnly?.test(key.slice(prefix.length)))
  return { name, prefix, ...totals(own), published: totals(used).parameters === rule.published }
}

function ignoredReason(
  key: string,
  owner: PartName | undefined,
  prefixes: ReadonlyMap<PartName, string>,
): IgnoredReason | undefined {
  if (owner === undefined) return 'unknown'
  if (recomputed.test(key)) return 'recomputed'
  const own = key.slice(prefixes.get(owner)!.length)
  return partRules[owner].trainingOnly?.test(own) ? 'training-only' : undefined
}

/** What lies before the usual prefixes, where all wanted parts agree on it. A part alone usually has none. */
function commonPrefix(prefixes: ReadonlyMap<PartName, string>, wanted: readonly PartName[]): string {
  const before = wanted.map(name => {
    const prefix = prefixes.get(name)!
    const home = wanted.length > 1 ? partRules[name].home : ''
    return prefix.endsWith(home) ? prefix.slice(0, prefix.length - home.length) : prefix
  })
  return before.every(prefix => prefix === before[0]) ? (before[0] ?? '') : ''
}

function variantOf(name: string): 'balance' | 'zhplus' | 'v1' | undefined {
  const file = (name.split(/[\\/]/).pop() ?? '').toLowerCase()
  if (file.includes('balance')) return 'balance'
  if (file.includes('zhplus')) return 'zhplus'
  return /(^|[^a-z0-9])v1([^0-9]|$)/.test(file) ? 'v1' : undefined
}

const floats: ReadonlySet<DType> = new Set(['float64', 'float32', 'float16', 'bfloat16'])

function totals(infos: readonly TensorInfo[]): TensorTotals {
  let parameters = 0
  let nbytes = 0
  for (const { dtype, shape, nbytes: bytes, quantization } of infos) {
    nbytes += bytes + (quantization?.scales.length ?? 0)
    if (quantization) parameters += numel(shape)
    else if (floats.has(dtype)) parameters += bytes / itemSize(dtype)
  }
  return { tensors: infos.length, parameters, nbytes }
}

function byDType(infos: readonly TensorInfo[]): Partial<Record<DType, TensorTotals>> {
  const out: Partial<Record<DType, TensorTotals>> = {}
  for (const dtype of new Set(infos.map(info => info.dtype)))
    out[dtype] = totals(infos.filter(info => info.dtype === dtype))
  return out
}

function ifPresent(prefix: string | undefined, sizes: (prefix: string) => CheckpointSizes): CheckpointSizes {
  return prefix === undefined ? {} : sizes(prefix)
}
