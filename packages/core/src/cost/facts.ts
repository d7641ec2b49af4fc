import { itemSize } from '../dtype.js'
import { type PartName, partRules } from '../weights/checkpoint-parts.js'
import type { CheckpointReport } from '../weights/detect-checkpoint.js'
import type { TensorInfo, WeightSource } from '../weights/types.js'

/** What a network's weights are, as far as its cost depends on it. Counts are numbers of weights, sizes bytes. */
export interface PartFacts {
  readonly float32: number
  /** float16 and bfloat16. */
  readonly half: number
  readonly int8: number
  readonly int4: number
  /** In the file, scales included. */
  readonly bytes: number
  readonly scaleBytes: number
  /** Bytes of its largest tensor, scales included. */
  readonly largestBytes: number
  /** Weights of its largest half-precision tensor. */
  readonly largestHalf: number
}

/** A language model: its layers alike, and the table that is embedding and head. */
export interface LanguageFacts extends PartFacts {
  readonly layers: number
  /** Heads times their width: numbers of a key. */
  readonly keySize: number
  readonly heads: number
  /** One layer. */
  readonly layer: PartFacts
  readonly embedding: PartFacts
}

/** A network over pictures or latents. */
export interface PictureFacts extends PartFacts {
  /** Channels at full resolution. */
  readonly width: number
}

export interface ChatFacts {
  readonly language: LanguageFacts
  readonly vision: PartFacts
  /** Tokens of a picture inside the vision part: patches, class and queries. */
  readonly visionRows: number
}

export interface PaintFacts {
  readonly language: LanguageFacts
  readonly unet: PictureFacts
  /** Its decoder. */
  readonly vae: PictureFacts
  readonly vaeEncoder: PartFacts
  /** Chooses among candidates; loaded with the painter, and stays. */
  readonly ranker?: PartFacts
}

/** All numbers of a part. */
export function parametersOf({ float32, half, int8, int4 }: PartFacts): number {
  return float32 + half + int8 + int4
}

/** Sums the tensors whose keys `has` takes. */
export function partFacts(source: WeightSource, has: (key: string) => boolean = () => true): PartFacts {
  return sumOf(
    source
      .keys()
      .filter(has)
      .map(key => factsOf(source.info(key))),
  )
}

/** Several parts as one. */
export function sumOf(parts: readonly PartFacts[]): PartFacts {
  const sum = (of: (part: PartFacts) => number) => parts.reduce((total, part) => total + of(part), 0)
  return {
    float32: sum(p => p.float32),
    half: sum(p => p.half),
    int8: sum(p => p.int8),
    int4: sum(p => p.int4),
    bytes: sum(p => p.bytes),
    scaleBytes: sum(p => p.scaleBytes),
    largestBytes: Math.max(0, ...parts.map(p => p.largestBytes)),
    largestHalf: Math.max(0, ...parts.map(p => p.largestHalf)),
  }
}

function factsOf({ dtype, shape, nbytes, quantization }: TensorInfo): PartFacts {
  const count = shape.reduce((product, size) => product * size, 1)
  const scaleBytes = quantization?.scales.length ?? 0
  const kind =
    quantization?.bits === 4
      ? 'int4'
      : quantization || itemSize(dtype) === 1
        ? 'int8'
        : itemSize(dtype) === 2
          ? 'half'
          : 'float32'
  const bytes = nbytes + scaleBytes
  const none = { float32: 0, half: 0, int8: 0, int4: 0 }
  return {
    ...none,
    [kind]: count,
    bytes,
    scaleBytes,
    largestBytes: bytes,
    largestHalf: kind === 'half' ? count : 0,
  }
}

/** The language model whose keys begin with `prefix`. */
export function languageFacts(source: WeightSource, prefix: string, sizes: CheckpointReport['sizes']): LanguageFacts {
  const own = (start: string) => partFacts(source, key => key.startsWith(`${prefix}${start}`))
  const layers = sizes.numLayers ?? 0
  const all = Array.from({ length: layers }, (_, i) => own(`encoder.layers.${i}.`))
  const largest = all.reduce((a, b) => (b.bytes > a.bytes ? b : a), all[0] ?? sumOf([]))
  const embedding = own('input_embedding.')
  return {
    ...sumOf([...all, embedding, own('encoder.output_layernorm.'), own('position_bias.')]),
    layers,
    keySize: (sizes.numHeads ?? 0) * (sizes.dimHead ?? 0),
    heads: sizes.numHeads ?? 0,
    layer: largest,
    embedding,
  }
}

/** The parts `names` that `report` found, without what running them does not use. */
export function namedPartFacts(source: WeightSource, report: CheckpointReport, ...names: PartName[]): PartFacts {
  const unused = new Set(report.ignored.map(({ key }) => key))
  const parts = report.parts.filter(({ name }) => names.includes(name))
  const owned = (key: string) =>
    parts.some(({ name, prefix }) => key.startsWith(prefix) && partRules[name].owns.test(key.slice(prefix.length)))
  return partFacts(source, key => !unused.has(key) && owned(key))
}

/** A VisCPM-Chat checkpoint. */
export function chatFacts(source: WeightSource, report: CheckpointReport): ChatFacts {
  const { imageSize = 224, patchSize = 16, queryNum = 64 } = report.sizes
  return {
    language: languageFacts(source, prefixOf(report, 'llm'), report.sizes),
    vision: namedPartFacts(source, report, 'vision', 'query', 'mapping'),
    visionRows: (imageSize / patchSize) ** 2 + 1 + queryNum,
  }
}

/** A CPM-Bee alone: a chat without eyes. */
export function cpmBeeFacts(source: WeightSource, report: CheckpointReport): ChatFacts {
  return {
    language: languageFacts(source, prefixOf(report, 'llm'), report.sizes),
    vision: sumOf([]),
    visionRows: 0,
  }
}

function vaeFacts(vae: WeightSource): Pick<PaintFacts, 'vae' | 'vaeEncoder'> {
  const decoder = partFacts(vae, key => /^(decoder|post_quant_conv)\./.test(key))
  return {
    vae: { ...decoder, width: sizeOf(vae, 'decoder.conv_out.weight', 1) },
    vaeEncoder: partFacts(vae, key => /^(encoder|quant_conv)\./.test(key)),
  }
}

/** Of `float32` numbers, the largest matrix being as large as the VAE's. */
const plainFacts = (float32: number): PartFacts => ({
  ...sumOf([]),
  float32,
  bytes: 4 * float32,
  largestBytes: 4 * 512 * 512 * 9,
})

const publishedVae = { vae: { ...plainFacts(49_490_179), width: 128 }, vaeEncoder: plainFacts(34_163_684) }

/** A painter's networks, which may lie in three checkpoints. */
export function paintFacts(parts: {
  readonly painter: { readonly source: WeightSource; readonly report: CheckpointReport }
  readonly language: { readonly source: WeightSource; readonly report: CheckpointReport }
  /** Default: Stable Diffusion's, in float32. */
  readonly vae?: WeightSource | undefined
}): PaintFacts {
  const { painter, language, vae } = parts
  const unet = prefixOf(painter.report, 'unet')
  return {
    language: languageFacts(language.source, prefixOf(language.report, 'llm'), language.report.sizes),
    unet: {
      ...namedPartFacts(painter.source, painter.report, 'unet'),
      width: sizeOf(painter.source, `${unet}conv_in.weight`, 0),
    },
    ...(vae ? vaeFacts(vae) : publishedVae),
  }
}

function prefixOf(report: CheckpointReport, name: PartName): string {
  return report.parts.find(part => part.name === name)?.prefix ?? ''
}

function sizeOf(source: WeightSource, key: string, axis: number): number {
  return source.has(key) ? (source.info(key).shape[axis] ?? 0) : 0
}

/** What `viscpm quantize --dtype int4` (or int8) makes of a language model; token table and vision part become int8. */
export function quantizedChat({ language, vision, visionRows }: ChatFacts, bits: 4 | 8): ChatFacts {
  return { language: quantizedLanguage(language, bits), vision: inBlocks(vision, 8), visionRows }
}

/** The same of a painter's language model; its other networks stay as they are. */
export function quantizedPainter(facts: PaintFacts, bits: 4 | 8): PaintFacts {
  return { ...facts, language: quantizedLanguage(facts.language, bits) }
}

/** What `viscpm calibrate` makes of a painter: a scale for each channel is too little to count. */
export function quantizedUNet(facts: PaintFacts): PaintFacts {
  const { width } = facts.unet
  const count = parametersOf(facts.unet)
  const share = facts.unet.bytes === 0 ? 0 : facts.unet.largestBytes / facts.unet.bytes
  const none = { float32: 0, half: 0, int4: 0, largestHalf: 0, scaleBytes: 0 }
  return { ...facts, unet: { ...none, int8: count, bytes: count, largestBytes: count * share, width } }
}

function quantizedLanguage(facts: LanguageFacts, bits: 4 | 8): LanguageFacts {
  const layer = inBlocks(facts.layer, bits)
  const embedding = inBlocks(facts.embedding, 8)
  return { ...facts, ...sumOf([...new Array<PartFacts>(facts.layers).fill(layer), embedding]), layer, embedding }
}

const blockSize = 128

/** Norms and biases are too few to tell apart. */
function inBlocks(part: PartFacts, bits: 4 | 8): PartFacts {
  const count = parametersOf(part)
  const scaleBytes = (4 * count) / blockSize
  const share = count === 0 ? 0 : part.largestBytes / part.bytes
  const bytes = (count * bits) / 8 + scaleBytes
  const none = { float32: 0, half: 0, int8: 0, int4: 0, largestHalf: 0 }
  return { ...none, [`int${bits}`]: count, bytes, scaleBytes, largestBytes: bytes * share }
}
