import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { FileFormatError } from '../errors.js'
import { float32 } from '../tensor.js'
import { memoryWeights } from './memory.js'
import { openWeights } from './open.js'
import { memorySink } from './sink.js'
import { openTorch } from './torch.js'
import { writeSafetensors } from './write.js'

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('openWeights', () => {
  it('knows safetensors by its bytes, whatever the name', async () => {
    const sink = memorySink()
    await writeSafetensors(sink, memoryWeights({ a: float32([1]) }))
    const source = await openWeights(memoryBytes(sink.bytes()!, 'model.pt'))
    expect(source.format).toBe('safetensors')
    await expect(openTorch(memoryBytes(sink.bytes()!, 'model.pt'))).rejects.toThrow(/a safetensors file/)
  })

  const others: Record<string, [bytes: Uint8Array, message: RegExp]> = {
    'an empty file': [new Uint8Array(0), /is empty/],
    'a Git LFS pointer': [ascii('version https://git-lfs.github.com/spec/v1\noid sha256:00'), /Git LFS pointer/],
    'a web page': [ascii('<!DOCTYPE html><html>'), /a web page/],
    'a GGUF file': [ascii('GGUF\u0003'), /GGUF/],
    'a gzip archive': [Uint8Array.of(0x1f, 0x8b, 8), /gzip/],
    'a tar archive': [Uint8Array.from({ length: 512 }, (_, i) => 'ustar'.charCodeAt(i - 257) || 0), /tar archive/],
    'another pickle': [Uint8Array.of(0x80, 4, 0x4e, 0x2e), /a pickle, but not/],
    'a JSON file': [ascii('{"vocab_size": 3}'), /a JSON file, not a checkpoint/],
    'JSON that is not UTF-8': [Uint8Array.of(0x7b, 0xff), /not UTF-8/],
    'a cut safetensors file': [Uint8Array.of(0, 9, 0, 0, 0, 0, 0, 0, 0x7b, 0x22), /safetensors file that is cut off/],
    'anything else': [ascii('hello'), /neither a PyTorch checkpoint nor a safetensors file/],
  }
  for (const [what, [bytes, message]] of Object.entries(others))
    it(`names ${what}`, async () => {
      const resolve = async (): Promise<never> => Promise.reject(new Error('not asked'))
      const error = await openWeights(memoryBytes(bytes, 'file.bin'), { resolve }).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(FileFormatError)
      expect((error as Error).message).toMatch(message)
    })
})
