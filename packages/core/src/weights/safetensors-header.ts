import type { DType } from '../dtype.js'
import { type JsonCursor, JsonSyntaxError } from './json-cursor.js'
import { limits } from './limits.js'

/** Names of the dtypes in a safetensors header. */
export const safetensorsDTypes: ReadonlyMap<string, DType> = new Map([
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
])

/** One tensor of a header, as written; offsets count from the end of the header. */
export interface HeaderTensor {
  readonly key: string
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

/**
 * Reads a safetensors header. Its form only; whether the numbers fit each other and the file is the caller's.
 * @throws JsonSyntaxError
 */
export function parseHeader(json: JsonCursor): { tensors: HeaderTensor[]; metadata: Map<string, string> } {
  const tensors: HeaderTensor[] = []
  const metadata = new Map<string, string>()
  json.object(key => {
    if (key === '__metadata__') json.object(name => void metadata.set(name, json.string()))
    else {
      if (tensors.length >= limits.tensors) throw json.fail(`over ${limits.tensors} tensors`)
      if (key.length > limits.keyLength) throw json.fail(`a key of ${key.length} characters`)
      tensors.push(parseTensor(json, key))
    }
  })
  json.end()
  return { tensors, metadata }
}

function parseTensor(json: JsonCursor, key: string): HeaderTensor {
  const found: { dtype?: DType; shape?: number[]; offsets?: number[] } = {}
  const sizes = (most: number): number[] => {
    const list: number[] = []
    json.array(() => {
      if (list.length >= most) throw json.fail(`more than ${most} numbers`)
      list.push(json.size())
    })
    return list
  }
  json.object(field => {
    if (field === 'dtype') {
      const name = json.string()
      const dtype = safetensorsDTypes.get(name)
      if (!dtype) throw json.fail(`the dtype ${JSON.stringify(name.slice(0, 40))} is not supported`)
      found.dtype = dtype
    } else if (field === 'shape') found.shape = sizes(limits.dimensions)
    else if (field === 'data_offsets') found.offsets = sizes(2)
    else throw json.fail(`the field ${JSON.stringify(field.slice(0, 40))} is unknown`)
  })
  const { dtype, shape, offsets } = found
  if (!dtype || !shape || offsets?.length !== 2)
    throw new JsonSyntaxError(
      `${JSON.stringify(key.slice(0, 80))} needs dtype, shape and two data_offsets`,
      json.position,
    )
  return { key, dtype, shape, begin: offsets[0]!, end: offsets[1]! }
}
