import type { DType } from '../dtype.js'
import type { ModelKind } from '../weights/detect-checkpoint.js'
import type { SettledOptions } from './options.js'
import type { TensorGroup } from './plan.js'

export const manifestFormat = 'viscpm-conversion-1'
/** Grows when other numbers would come out of the same source. */
export const conversionVersion = 1

/**
 * SHA-256 over the SHA-256 digests of the pieces of some bytes, in their order: pieces can be hashed side by side. Every piece
 * has `piece` bytes, the last what is left.
 */
export interface TreeHash {
  readonly sha256: string
  readonly piece: number
}

/** Bytes of a file, and what their hash is. */
export interface HashedPlace extends TreeHash {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly offset: number
  readonly length: number
}

export interface ManifestTensor {
  readonly key: string
  readonly group: TensorGroup
  readonly action: 'keep' | 'convert' | 'quantize'
  readonly source: TreeHash & { readonly dtype: DType; readonly shape: readonly number[] }
  readonly target: HashedPlace
  readonly bits?: 4 | 8
  readonly block_size?: number
  readonly scales?: HashedPlace
  /** Of what is quantized: root of the mean squared error, the same relative to the values, the largest error. */
  readonly error?: { readonly rms: number; readonly relative: number; readonly largest: number }
}

/** A small file that was copied from beside the source. */
export interface ManifestFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

export interface SourceFile {
  readonly name: string
  readonly bytes: number
  /** Last change, whole milliseconds since 1970. */
  readonly modified: number
}

/** What `manifest.json` beside a converted checkpoint says: what became of what. The same source and options give the same. */
export interface ConversionManifest {
  readonly format: typeof manifestFormat
  readonly version: number
  /** Version of @viscpm/core that wrote it. */
  readonly core: string
  readonly kind: ModelKind
  readonly options: SettledOptions & { readonly rounding: string; readonly weights?: string }
  readonly source: { readonly files: readonly SourceFile[] }
  readonly file: { readonly name: string; readonly bytes: number; readonly header: string }
  readonly tensors: readonly ManifestTensor[]
  readonly dropped: readonly { readonly key: string; readonly reason: string; readonly nbytes: number }[]
  readonly beside: readonly ManifestFile[]
  /** SHA-256 over all of the above: source and result of every tensor hang together by it. */
  readonly chain: string
}

/** The text whose hash is the chain. */
export function chainText({
  chain: _chain,
  ...rest
}: ConversionManifest | (Omit<ConversionManifest, 'chain'> & { chain?: string })): string {
  return JSON.stringify(rest)
}
