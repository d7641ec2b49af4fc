import type { DType } from '../dtype.js'
import type { Tensor } from '../tensor.js'
import type { ExternalInitializer, Placement, ValueInfo } from './graph.js'
import { ProtobufWriter } from './protobuf.js'

/** Field numbers follow onnx.proto (ONNX IR 9, opset 20). */
const onnxType: Record<DType, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
}

/** ONNX TensorProto.DataType of a dtype. */
export function onnxDataType(dtype: DType): number {
  return onnxType[dtype]
}

export type Attribute = number | bigint | string | readonly number[] | { readonly float: number }

export interface Node {
  readonly opType: string
  readonly domain: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

export interface OnnxModel {
  readonly name: string
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  readonly nodes: readonly Node[]
  /** Small constants, kept inside the model. */
  readonly constants: ReadonlyMap<string, Tensor>
  readonly initializers: readonly ExternalInitializer[]
}

function writeAttribute(w: ProtobufWriter, name: string, value: Attribute): void {
  w.string(1, name)
  if (typeof value === 'object' && 'float' in value) w.float(2, value.float).int(20, 1)
  else if (typeof value === 'string') w.string(4, value).int(20, 3)
  else if (Array.isArray(value)) {
    for (const v of value as readonly number[]) w.int(8, v)
    w.int(20, 7)
  } else w.int(3, value as number | bigint).int(20, 2)
}

function writeValueInfo(w: ProtobufWriter, value: ValueInfo): void {
  w.string(1, value.name).message(2, type =>
    type.message(1, tensorType => {
      tensorType.int(1, onnxType[value.dtype]).message(2, shape => {
        for (const d of value.shape) shape.message(1, dim => (typeof d === 'number' ? dim.int(1, d) : dim.string(2, d)))
      })
    }),
  )
}

function writeTensorHead(w: ProtobufWriter, name: string, dtype: DType, shape: readonly number[]): ProtobufWriter {
  for (const d of shape) w.int(1, d)
  return w.int(2, onnxType[dtype]).string(8, name)
}

function entry(w: ProtobufWriter, key: string, value: string): void {
  w.message(13, e => e.string(1, key).string(2, value))
}

function writeInitializer(w: ProtobufWriter, init: ExternalInitializer, placement: Placement): void {
  writeTensorHead(w, init.name, init.dtype, init.shape)
  if ('bytes' in placement) {
    w.raw(9, placement.bytes)
    return
  }
  entry(w, 'location', placement.file)
  entry(w, 'offset', String(placement.offset))
  entry(w, 'length', String(placement.length))
  w.int(14, 1)
}

/** Serialises a model to ONNX ModelProto bytes. */
export function encodeOnnx(model: OnnxModel, place: (initializer: ExternalInitializer) => Placement): Uint8Array {
  return new ProtobufWriter()
    .int(1, 9)
    .string(2, 'viscpm')
    .message(7, graph => {
      for (const node of model.nodes)
        graph.message(1, n => {
          for (const input of node.inputs) n.string(1, input)
          for (const output of node.outputs) n.string(2, output)
          n.string(3, node.name).string(4, node.opType)
          for (const [name, value] of Object.entries(node.attributes)) n.message(5, a => writeAttribute(a, name, value))
          if (node.domain) n.string(7, node.domain)
        })
      graph.string(2, model.name)
      for (const [name, t] of model.constants)
        graph.message(5, w => {
          const { buffer, byteOffset, byteLength } = t.data
          writeTensorHead(w, name, t.dtype, t.shape).raw(9, new Uint8Array(buffer, byteOffset, byteLength))
        })
      for (const init of model.initializers) graph.message(5, w => writeInitializer(w, init, place(init)))
      for (const value of model.inputs) graph.message(11, w => writeValueInfo(w, value))
      for (const value of model.outputs) graph.message(12, w => writeValueInfo(w, value))
    })
    .message(8, opset => opset.string(1, '').int(2, 20))
    .message(8, opset => opset.string(1, 'com.microsoft').int(2, 1))
    .finish()
}
