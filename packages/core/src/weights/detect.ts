import type { ByteSource } from '../bytes.js'
import { FileFormatError } from '../errors.js'
import { legacyStart } from './torch-legacy.js'
import { dataView, readU64 } from './zip-end.js'

export type CheckpointKind = 'torch-zip' | 'torch-legacy' | 'safetensors' | 'json'

const startLength = 512

async function readStart(source: ByteSource): Promise<Uint8Array> {
  return source.read(0, Math.min(source.size, startLength))
}

/** What a file is by its first bytes, whatever its name; undefined for none of the checkpoint formats. */
export async function detectKind(source: ByteSource): Promise<CheckpointKind | undefined> {
  const start = await readStart(source)
  if (begins(start, [0x50, 0x4b, 3, 4]) || begins(start, [0x50, 0x4b, 5, 6])) return 'torch-zip'
  // Protocols 4 and 5 put the 9 bytes of a FRAME opcode in between.
  if (start[0] === 0x80 && begins(start.subarray(start[2] === 0x95 ? 11 : 2), legacyStart)) return 'torch-legacy'
  if (start.length >= 9 && start[8] === 0x7b && readU64(dataView(start), 0) <= source.size - 8) return 'safetensors'
  if (/^\ufeff?\s*\{/.test(text(start))) return 'json'
  return undefined
}

/** The error for a file that is no checkpoint, naming what people most often have instead. */
export async function notACheckpoint(source: ByteSource): Promise<FileFormatError> {
  const start = await readStart(source)
  const [message, hint] = describe(source, start)
  return new FileFormatError({ file: source.name, message, ...(hint ? { hint } : {}) })
}

function describe(source: ByteSource, start: Uint8Array): [message: string, hint?: string] {
  const head = text(start)
  if (source.size === 0) return ['the file is empty', 'Download it again.']
  if (head.startsWith('version https://git-lfs'))
    return ['a Git LFS pointer, not the checkpoint itself', 'Fetch the contents with "git lfs pull".']
  if (/^\s*<(!doctype|html|\?xml)/i.test(head))
    return ['a web page, not a checkpoint', 'The download failed; open the file in a text editor to see why.']
  if (head.startsWith('GGUF')) return ['a GGUF file; that format is not read']
  if (begins(start, [0x1f, 0x8b])) return ['a gzip archive', 'Unpack it first.']
  if (head.slice(257, 262) === 'ustar') return ['a tar archive', 'Unpack it first.']
  if (start[0] === 0x80 && start[1]! >= 2 && start[1]! <= 5) return ['a pickle, but not a PyTorch checkpoint']
  if (start.length >= 9 && start[8] === 0x7b)
    return ['a safetensors file that is cut off, or lies about its header', 'Download or copy the file again.']
  return ['neither a PyTorch checkpoint nor a safetensors file']
}

function begins(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte)
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
