import { type Image, sha256, type Tensor, type TensorData } from '@viscpm/core'

/** Of a picture's size and pixels. */
export function imageHash({ width, height, data }: Image): Promise<string> {
  const bytes = new Uint8Array(8 + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  bytes.set(data, 8)
  return sha256(bytes)
}

/** Of a tensor's values and shape. */
export function tensorHash({ data, shape }: Tensor): Promise<string> {
  const head = new TextEncoder().encode(`${shape}:`)
  const values = bytesOf(data)
  const bytes = new Uint8Array(head.length + values.length)
  bytes.set(head)
  bytes.set(values, head.length)
  return sha256(bytes)
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TensorData): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
