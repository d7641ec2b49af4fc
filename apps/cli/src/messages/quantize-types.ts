import type { TensorGroup } from '@viscpm/core/quantize'

/** Options of converting and of verifying; `help.options` describes them. */
export type QuantizeOption =
  | 'folder'
  | 'dtype'
  | 'block'
  | 'rounding'
  | 'embedding'
  | 'vision'
  | 'keepTensors'
  | 'format'
  | 'workers'
  | 'force'
  | 'source'

export interface QuantizeMessages {
  converting(source: string, dtype: string): string
  converted(seconds: string): string
  readonly phases: Readonly<Record<'convert' | 'verify', string>>
  /** After Ctrl-C. */
  readonly resumable: string
  readonly groups: Readonly<Record<TensorGroup, string>>
  /** How tensors are kept, where they are not quantized. */
  readonly kept: string
  readonly inBlocks: string
  group(tensors: string, before: string, after: string): string
  relativeError(percent: string): string
  dropped(tensors: string, size: string): string
  total(before: string, after: string, percent: string): string
  speed(seconds: string, rate: string): string
  resumed(size: string): string
  existed(folder: string): string
  written(folder: string): string
  readonly formatForm: string
}

export interface VerifyMessages {
  verifying(folder: string): string
  verified(seconds: string): string
  readonly problems: Readonly<
    Record<
      'manifest' | 'file' | 'header' | 'tensor' | 'source' | 'conversion' | 'plan' | 'beside',
      (name: string) => string
    >
  >
  more(problems: number): string
  good(tensors: number, size: string): string
  readonly sources: Readonly<Record<'not given' | 'hashed' | 'converted', string>>
  bad(problems: number): string
  readonly badHint: string
}
