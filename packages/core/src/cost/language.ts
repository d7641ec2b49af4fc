import type { Talk } from './chat.js'
import { coefficients } from './coefficients.js'
import { type LanguageFacts, type PartFacts, parametersOf } from './facts.js'
import type { Machine } from './machine.js'

const { memory, seconds, share } = coefficients
const billion = 1e9

/** Bytes of a part whose weights stay loaded. */
export function residentBytes(part: PartFacts, keepHalf: boolean): number {
  const half = keepHalf ? 2 * part.half + 4 * memory.widened * part.largestHalf : 4 * part.half
  return 4 * part.float32 + half + blockBytes(part) + memory.packedScales * part.scaleBytes
}

/** Bytes of weights that are integers, with their scales. */
function blockBytes(part: PartFacts): number {
  return part.bytes - 4 * part.float32 - 2 * part.half
}

/** Seconds until a part's weights are read and packed. */
export function loadSeconds(part: PartFacts, keepHalf: boolean, machine: Machine): number {
  const { pack } = seconds
  const widened = part.float32 + (keepHalf ? 0 : part.half)
  const packed = (pack.int4 * part.int4 + pack.int8 * part.int8 + pack.float32 * widened) / billion
  return part.bytes / machine.diskBandwidth + packed * slower(machine)
}

/** How many times slower than the reference a machine is at moving memory. */
function slower({ ramBandwidth }: Machine): number {
  return 28e9 / ramBandwidth
}

/** Seconds of one product of a part's weights with `rows` rows. */
export function passSeconds(part: PartFacts, rows: number, keepHalf: boolean, machine: Machine): number {
  const floats = part.float32 + part.half
  const arithmetic = (2 * rows * floats) / machine.float32 + (2 * rows * (part.int4 + part.int8)) / machine.int8
  return arithmetic + (keepHalf ? (seconds.widen * part.half * slower(machine)) / billion : 0)
}

/** What the cache of keys and values is kept as. */
export type CacheKind = 'float32' | 'float16' | 'int8'

/** One byte and its share of a float16 scale for 128 of them, for int8. */
const cacheItem: Record<CacheKind, number> = { float32: 4, float16: 2, int8: 1 + 2 / 128 }

/** How CPM-Bee keeps its cache on the CPU where nothing is said. */
export function usualCache({ int4, int8 }: LanguageFacts): CacheKind {
  return int4 + int8 > 0 ? 'int8' : 'float32'
}

/** Bytes of keys and values of `tokens`. */
export function cacheBytes({ layers, keySize }: LanguageFacts, tokens: number, kind: CacheKind = 'float32'): number {
  return layers * 2 * keySize * cacheItem[kind] * tokens
}

/** Weights of a layer at the published width. */
export const publishedLayer = 1.93e8

/** Buffers of a pass through a network, less for one that is smaller than the `published`. */
export function passBytes(part: PartFacts, published: number): number {
  return memory.pass * Math.min(1, parametersOf(part) / published)
}

/** Bytes of a pass over a prompt beside the weights: its keys and values, scores, and buffers. */
export function readBytes(facts: LanguageFacts, prompt: number, kind: CacheKind): number {
  const values = memory.prefillCache * cacheBytes(facts, prompt) + cacheBytes(facts, prompt, kind)
  return passBytes(facts.layer, publishedLayer) + 4 * memory.scores * facts.heads * prompt ** 2 + values
}

/** Bytes of weights that lie in their file and are mapped. */
export function mappedBytes(part: PartFacts, keepHalf: boolean): number {
  return keepHalf ? 2 * part.half : 0
}

/** Bytes of a language model that stays loaded: at rest, and on top while it is loaded. */
export function languageBytes(facts: LanguageFacts, keepHalf: boolean): { resident: number; loading: number } {
  const table = keepHalf ? 0 : facts.embedding.half * (4 * memory.widenedTable - 2)
  const blocks = facts.int4 + facts.int8 > 0
  return { resident: residentBytes(facts, keepHalf) + table, loading: blocks ? facts.largestBytes : 0 }
}

/** Seconds of one step in the middle of an answer. */
export function stepSeconds(
  facts: LanguageFacts,
  talk: Talk,
  kind: CacheKind,
  keepHalf: boolean,
  machine: Machine,
): number {
  const { prompt, answer, beams } = talk
  const blocks = (blockBytes(facts) * (1 + share.rowOfBlocks * (beams - 1))) / share.decode
  // Where halves are widened at load, the table is not: it is widened at each step.
  const widened = keepHalf ? facts.half : facts.embedding.half
  const floats = (4 * (facts.float32 + facts.half - widened)) / share.decode
  const past = cacheBytes(facts, prompt + (beams * answer) / 2, kind) / share.cache
  return (blocks + floats + past) / machine.ramBandwidth + (seconds.widen * widened * slower(machine)) / billion
}

/** A pass whose layers are loaded, run and freed one by one; `memory` in bytes, that of the program not counted. */
export function streamedCost(
  facts: LanguageFacts,
  rows: number,
  machine: Machine,
): { readonly memory: number; readonly seconds: number } {
  const { layer, layers } = facts
  const { pack } = seconds
  const kept = layer.int4 + layer.int8 > 0 ? memory.streamed.blocks : memory.streamed.half
  const packed = pack.int4 * layer.int4 + pack.int8 * layer.int8 + pack.float32 * layer.float32
  const prepared = ((packed + seconds.widenStreamed * layer.half) * slower(machine)) / billion
  const computing = passSeconds(layer, rows, false, machine) + prepared
  const reading = layer.bytes / machine.diskBandwidth // the system reads ahead while the layer before is computed
  const scale = Math.min(1, parametersOf(layer) / publishedLayer)
  return { memory: layer.bytes + kept * scale, seconds: layers * Math.max(reading, computing) }
}
