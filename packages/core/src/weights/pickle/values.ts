import type { DType } from '../../dtype.js'

/** What a pickle can become here: plain data, and descriptions of tensors. None of it can run. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleBytes
  | PickleSequence
  | PickleDict
  | PickleGlobal
  | PickleStorage
  | PickleTensor

/** A byte string; checkpoints hold none that matter, so only its length is kept. */
export class PickleBytes {
  constructor(readonly length: number) {}
}

/** A tuple or a list. */
export class PickleSequence {
  constructor(
    readonly kind: 'tuple' | 'list',
    readonly items: PickleValue[],
  ) {}
}

/** A dict or OrderedDict, in insertion order. */
export class PickleDict {
  /** Made at the first item: PyTorch writes one empty OrderedDict per tensor. */
  entries: Map<PickleValue, PickleValue> | undefined
  /** What BUILD attached (`_metadata` of a state dict). */
  attributes: PickleDict | undefined

  constructor(readonly ordered: boolean) {}
}

/** A name from the allow-list. `reduce` makes inert data of its arguments; without it the name cannot be called. */
export class PickleGlobal {
  constructor(
    readonly name: string,
    /** Element type, for storage classes. */
    readonly dtype?: DType | undefined,
    /** Returns undefined when the arguments are not ones that it takes. */
    readonly reduce?: (args: readonly PickleValue[]) => PickleValue | undefined,
  ) {}
}

/** A storage of a checkpoint, by key. */
export class PickleStorage {
  constructor(
    readonly key: string,
    readonly dtype: DType,
    /** Elements. */
    readonly numel: number,
  ) {}
}

/** A tensor over a storage; not yet checked against it. */
export class PickleTensor {
  constructor(
    readonly storage: PickleStorage,
    /** Elements from the start of the storage. */
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** How an error message calls the type of a value. */
export function typeName(value: PickleValue): string {
  if (value === null) return 'None'
  if (value instanceof PickleDict) return value.ordered ? 'OrderedDict' : 'dict'
  if (value instanceof PickleSequence) return value.kind
  if (value instanceof PickleGlobal) return value.name
  if (value instanceof PickleTensor) return 'tensor'
  if (value instanceof PickleStorage) return 'storage'
  if (value instanceof PickleBytes) return 'bytes'
  return typeof value
}
