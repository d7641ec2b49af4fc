import { NonFiniteError, WrongShapeError } from '../errors.js'
import type { TaskOptions } from '../progress.js'
import { numel } from '../tensor.js'
import type { TensorInfo, WeightSource } from '../weights/types.js'
import { rowReader, rowShape, rowsAtOnce } from './read-rows.js'
import { type Histogram, HistogramBuilder } from './statistics.js'

/** What quantization did to one tensor. */
export interface WeightError {
  readonly key: string
  readonly elements: number
  /** Of storage for each number, scales included. */
  readonly bits: number
  /** Root of the mean squared error, divided by that of the weights. */
  readonly relative: number
  /** Largest error, divided by the largest weight. */
  readonly largest: number
  /** Signal to noise in decibels, -20 log10(relative); Infinity where nothing was lost. */
  readonly snr: number
}

/** How errors are spread: each divided by the root of the mean square of the weights in its row. */
export interface WeightErrors {
  readonly tensors: readonly WeightError[]
  readonly histogram: Histogram
  /** Tensors that both hold in the same way, not compared. */
  readonly kept: number
  /** Keys of the source that the quantized checkpoint does not have. */
  readonly dropped: readonly string[]
}

/** Bits that a number of a tensor takes. */
export function bitsOf({ nbytes, shape, quantization }: TensorInfo): number {
  const scales = quantization ? quantization.scales.length : 0
  return (8 * (nbytes + scales)) / numel(shape)
}

/**
 * Compares every tensor that is stored in another way than in the source with what it was. Read by rows: of a checkpoint of
 * any size a few megabytes are held. Progress: phase `compare`, in tensors.
 * @throws WrongShapeError where the two are not of one model; NonFiniteError for weights that are no numbers; the signal's reason
 */
export async function weightErrors(
  source: WeightSource,
  quantized: WeightSource,
  { signal, onProgress }: TaskOptions = {},
): Promise<WeightErrors> {
  const histogram = new HistogramBuilder(-1, 1, 800)
  const changed = quantized.keys().filter(key => source.has(key) && isChanged(source.info(key), quantized.info(key)))
  const tensors: WeightError[] = []
  for (const key of changed) {
    signal?.throwIfAborted()
    tensors.push(await compare(source, quantized, key, histogram, signal))
    onProgress?.({ phase: 'compare', done: tensors.length, total: changed.length, unit: 'tensors' })
  }
  return {
    tensors,
    histogram: histogram.finish(),
    kept: quantized.keys().length - changed.length,
    dropped: source.keys().filter(key => !quantized.has(key)),
  }
}

const isChanged = (was: TensorInfo, is: TensorInfo): boolean => is.quantization !== undefined || was.dtype !== is.dtype

async function compare(
  source: WeightSource,
  quantized: WeightSource,
  key: string,
  histogram: HistogramBuilder,
  signal: AbortSignal | undefined,
): Promise<WeightError> {
  const [was, is] = [source.info(key), quantized.info(key)]
  if (String(was.shape) !== String(is.shape))
    throw new WrongShapeError({ key, expected: was.shape, actual: is.shape, file: quantized.name })
  const shape = rowShape(was)
  const [before, after] = [rowReader(source, key), rowReader(quantized, key)]
  let [signalSum, errorSum, largestWeight, largestError] = [0, 0, 0, 0]
  const step = rowsAtOnce(shape)
  for (let from = 0; from < shape.rows; from += step) {
    signal?.throwIfAborted()
    const to = Math.min(from + step, shape.rows)
    const [a, b] = [await before(from, to), await after(from, to)]
    for (let start = 0; start < a.length; start += shape.columns) {
      const end = start + shape.columns
      let squares = 0
      for (let i = start; i < end; i++) squares += a[i]! ** 2
      const unit = Math.sqrt(squares / shape.columns)
      for (let i = start; i < end; i++) {
        const error = b[i]! - a[i]!
        errorSum += error ** 2
        largestWeight = Math.max(largestWeight, Math.abs(a[i]!))
        largestError = Math.max(largestError, Math.abs(error))
        histogram.add(unit > 0 ? error / unit : error)
      }
      signalSum += squares
    }
  }
  if (!Number.isFinite(signalSum + errorSum))
    throw new NonFiniteError({
      message: `${key}: holds NaN or infinity`,
      hint: 'The file is damaged: convert it again.',
    })
  const relative = signalSum > 0 ? Math.sqrt(errorSum / signalSum) : Math.sqrt(errorSum)
  return {
    key,
    elements: shape.rows * shape.columns,
    bits: bitsOf(is),
    relative,
    largest: largestWeight > 0 ? largestError / largestWeight : largestError,
    snr: -20 * Math.log10(relative),
  }
}
