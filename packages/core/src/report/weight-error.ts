import { NonFiniteError, WrongShapeError } from '../errors.js'
import type { TaskOptions } from '../progress.js'
import { numel } from '../tensor.js'
import type { TensorInfo, WeightSource } from '../weights/types.js'
import { ErrorSums } from './error-sums.js'
import { rowReader, rowShape, rowsAtOnce } from './read-rows.js'

/** What became of one tensor. */
export interface WeightError {
  readonly key: string
  /** 'int4/64', 'int8/128' (blocks), 'int8' (channels), or a dtype. */
  readonly format: string
  /** Of storage for each number, scales included. */
  readonly bits: number
  readonly sums: ErrorSums
}

export interface WeightErrors {
  /** Those that are stored in another way than in the source, in the order of the file. */
  readonly tensors: readonly WeightError[]
  /** Tensors that both hold in the same way, not compared. */
  readonly kept: number
  /** Keys of the source that the converted checkpoint does not have. */
  readonly dropped: readonly string[]
}

/** Bits that a number of a tensor takes. */
function bitsOf({ nbytes, shape, quantization }: TensorInfo): number {
  const scales = quantization ? quantization.scales.length : 0
  return (8 * (nbytes + scales)) / Math.max(1, numel(shape))
}

function formatOf({ dtype, quantization }: TensorInfo): string {
  if (quantization?.kind === 'block') return `int${quantization.bits}/${quantization.blockSize}`
  return quantization ? `int${quantization.bits}` : dtype
}

/**
 * Compares every tensor that is stored in another way than in the source with what it was. Read by rows: of a checkpoint of
 * any size some megabytes are held. Progress: phase `compare`, in bytes of the source.
 * @throws WrongShapeError where the two are not of one model; NonFiniteError for weights that are no numbers; the signal's reason
 */
export async function weightErrors(
  source: WeightSource,
  converted: WeightSource,
  { signal, onProgress }: TaskOptions = {},
): Promise<WeightErrors> {
  const keys = converted.keys().filter(key => source.has(key))
  const changed = keys.filter(key => isChanged(source.info(key), converted.info(key)))
  for (const key of keys) checkShapes(source, converted, key)
  const total = changed.reduce((sum, key) => sum + source.info(key).nbytes, 0)
  const tensors: WeightError[] = []
  let before = 0
  for (const key of changed) {
    const { nbytes } = source.info(key)
    const onRows = (share: number) =>
      onProgress?.({ phase: 'compare', done: before + Math.round(nbytes * share), total, unit: 'bytes' })
    const sums = await compare(source, converted, key, onRows, signal)
    const info = converted.info(key)
    tensors.push({ key, format: formatOf(info), bits: bitsOf(info), sums })
    before += nbytes
  }
  return {
    tensors,
    kept: keys.length - changed.length,
    dropped: source.keys().filter(key => !converted.has(key)),
  }
}

const isChanged = (was: TensorInfo, is: TensorInfo): boolean => is.quantization !== undefined || was.dtype !== is.dtype

function checkShapes(source: WeightSource, converted: WeightSource, key: string): void {
  const [{ shape: expected }, { shape: actual }] = [source.info(key), converted.info(key)]
  if (String(expected) !== String(actual)) throw new WrongShapeError({ key, expected, actual, file: converted.name })
}

async function compare(
  source: WeightSource,
  converted: WeightSource,
  key: string,
  onRows: (share: number) => void,
  signal: AbortSignal | undefined,
): Promise<ErrorSums> {
  const shape = rowShape(source.info(key))
  const [before, after] = [rowReader(source, key), rowReader(converted, key)]
  const sums = new ErrorSums()
  const step = rowsAtOnce(shape)
  for (let from = 0; from < shape.rows; from += step) {
    signal?.throwIfAborted()
    const to = Math.min(from + step, shape.rows)
    const [a, b] = await Promise.all([before(from, to), after(from, to)])
    sums.add(a, b)
    if (sums.broken)
      throw new NonFiniteError({
        message: `${key}: holds NaN or infinity`,
        hint: 'One of the two files is damaged: copy or convert it again.',
      })
    onRows(to / shape.rows)
  }
  return sums
}
