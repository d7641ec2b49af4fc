import { InvalidArgumentError } from '../errors.js'

/** What a tensor becomes: blocks of 4 or 8 bits, float16, or what it is. */
export type TensorFormat = 'int4' | 'int8' | 'fp16' | 'keep'
export type BlockSize = 16 | 32 | 64 | 128 | 256

/** A format for the tensors whose key a pattern matches: `*` stands for anything, the whole key must match. */
export interface FormatRule {
  readonly pattern: string
  readonly format: TensorFormat
}

export interface QuantizeOptions {
  /** Of the language model's matrices; sets the defaults of everything else. */
  readonly dtype: 'int4' | 'int8' | 'fp16'
  /** Weights that share a scale, in the language model's matrices; elsewhere 128. Default 128. */
  readonly blockSize?: BlockSize
  /** Of the token table, which is the output head too. Default int8 (fp16 for dtype fp16). */
  readonly embedding?: 'int4' | 'int8' | 'fp16'
  /** Of the vision part's matrices. Default int8 (fp16 for dtype fp16). */
  readonly vision?: 'int4' | 'int8' | 'fp16'
  /** Exceptions; the first that matches a key counts. */
  readonly formats?: readonly FormatRule[]
}

/** The options with every default filled in. */
export type SettledOptions = Required<QuantizeOptions>

export const blockSizes: readonly BlockSize[] = [256, 128, 64, 32, 16]
const dtypes = ['int4', 'int8', 'fp16'] as const
const formats: readonly TensorFormat[] = [...dtypes, 'keep']

function oneOf<T>(argument: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find(one => one === value)
  if (found === undefined)
    throw new InvalidArgumentError({ argument, message: `must be ${allowed.join(', ')}, not ${String(value)}` })
  return found
}

/** Fills in the defaults. @throws InvalidArgumentError naming an option that is wrong */
export function settleOptions(options: QuantizeOptions): SettledOptions {
  const dtype = oneOf('dtype', options.dtype, dtypes)
  const rest = dtype === 'fp16' ? 'fp16' : 'int8'
  return {
    dtype,
    blockSize: oneOf('blockSize', options.blockSize ?? 128, blockSizes),
    embedding: oneOf('embedding', options.embedding ?? rest, dtypes),
    vision: oneOf('vision', options.vision ?? rest, dtypes),
    formats: (options.formats ?? []).map(({ pattern, format }) => {
      if (typeof pattern !== 'string' || pattern === '')
        throw new InvalidArgumentError({ argument: 'formats', message: 'a pattern must be a text that is not empty' })
      return { pattern, format: oneOf(`formats: ${pattern}`, format, formats) }
    }),
  }
}

/** Whether a pattern, in which `*` stands for anything, matches the whole key. */
export function matchesKey(pattern: string, key: string): boolean {
  const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`, 's').test(key)
}
