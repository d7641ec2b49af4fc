import { FileFormatError } from '@viscpm/core'

/** An array of a `.npy` file as float64, row-major. */
export interface NpyArray {
  readonly shape: readonly number[]
  readonly data: Float64Array
}

const magic = '\x93NUMPY'
const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

const readers: Readonly<Record<string, readonly [size: number, read: (view: DataView, at: number) => number]>> = {
  '<f8': [8, (view, at) => view.getFloat64(at, true)],
  '>f8': [8, (view, at) => view.getFloat64(at, false)],
  '<f4': [4, (view, at) => view.getFloat32(at, true)],
  '>f4': [4, (view, at) => view.getFloat32(at, false)],
  '<i8': [8, (view, at) => Number(view.getBigInt64(at, true))],
  '<i4': [4, (view, at) => view.getInt32(at, true)],
}

/**
 * Reads numpy's array format, versions 1 to 3: float32, float64 and whole numbers, C or Fortran order. Objects are refused:
 * they would be a pickle.
 * @param file for messages
 * @throws FileFormatError
 */
export function readNpy(bytes: Uint8Array, file: string): NpyArray {
  const broken = (message: string): never => {
    throw new FileFormatError({ file, message })
  }
  if (bytes.length < 12 || latin1(bytes.subarray(0, 6)) !== magic) return broken('not an array of numpy')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wide = bytes[6]! > 1
  const start = wide ? 12 : 10
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true))
  if (end > bytes.length) return broken('the header is cut off')
  const header = latin1(bytes.subarray(start, end))
  const dtype = /'descr':\s*'([^']*)'/.exec(header)?.[1]
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1]
  const sizes = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1]
  if (order === undefined || sizes === undefined)
    return broken(`the header ${JSON.stringify(header.trim())} is not known`)
  const reader = readers[dtype ?? '']
  if (!reader) return broken(`holds ${dtype ?? 'records'}, only ${Object.keys(readers).join(', ')} can be read`)
  const shape = sizes.split(',').flatMap(size => (size.trim() === '' ? [] : [Number(size)]))
  const count = shape.reduce((a, b) => a * b, 1)
  const [size, read] = reader
  if (bytes.length - end !== count * size)
    return broken(`${bytes.length - end} bytes of data, a shape of [${shape}] takes ${count * size}`)
  const data = new Float64Array(count)
  for (let i = 0; i < count; i++) data[i] = read(view, end + i * size)
  return { shape, data: order === 'True' ? fromFortran(data, shape) : data }
}

/** The first index runs fastest -> the last one does. */
function fromFortran(data: Float64Array, shape: readonly number[]): Float64Array {
  const out = new Float64Array(data.length)
  const index = new Array<number>(shape.length).fill(0)
  for (let from = 0; from < data.length; from++) {
    let to = 0
    for (const [axis, size] of shape.entries()) to = to * size + index[axis]!
    out[to] = data[from]!
    for (let axis = 0; axis < shape.length; axis++) {
      index[axis]!++
      if (index[axis]! < shape[axis]!) break
      index[axis] = 0
    }
  }
  return out
}

/** float64, row-major, version 1.0. */
export function writeNpy({ shape, data }: NpyArray): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${sizes}), }`
  // Data begins at a multiple of 64.
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`
  const out = new Uint8Array(10 + padded.length + data.length * 8)
  const view = new DataView(out.buffer)
  for (let i = 0; i < magic.length; i++) out[i] = magic.charCodeAt(i)
  out[6] = 1
  view.setUint16(8, padded.length, true)
  for (let i = 0; i < padded.length; i++) out[10 + i] = padded.charCodeAt(i)
  for (const [i, value] of data.entries()) view.setFloat64(10 + padded.length + i * 8, value, true)
  return out
}
