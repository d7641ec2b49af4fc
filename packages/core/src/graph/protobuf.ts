// Just enough of the protocol buffers wire format to write an ONNX model (no reading).
const utf8 = new TextEncoder()

/** Appends protobuf fields to a growing buffer. */
export class ProtobufWriter {
  private bytes = new Uint8Array(1024)
  private length = 0

  private reserve(extra: number): void {
    if (this.length + extra <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + extra))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }

  private varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value)
    this.reserve(10)
    while (rest >= 0x80n) {
      this.bytes[this.length++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.bytes[this.length++] = Number(rest)
  }

  private tag(field: number, wireType: number): void {
    this.varint(BigInt((field << 3) | wireType))
  }

  int(field: number, value: number | bigint): this {
    this.tag(field, 0)
    this.varint(BigInt(value))
    return this
  }

  float(field: number, value: number): this {
    this.tag(field, 5)
    this.reserve(4)
    new DataView(this.bytes.buffer).setFloat32(this.length, value, true)
    this.length += 4
    return this
  }

  raw(field: number, value: Uint8Array): this {
    this.tag(field, 2)
    this.varint(BigInt(value.length))
    this.reserve(value.length)
    this.bytes.set(value, this.length)
    this.length += value.length
    return this
  }

  string(field: number, value: string): this {
    return this.raw(field, utf8.encode(value))
  }

  message(field: number, write: (inner: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter()
    write(inner)
    return this.raw(field, inner.finish())
  }

  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }
}
