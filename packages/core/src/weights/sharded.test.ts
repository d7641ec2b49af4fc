import { describe, expect, it } from 'vitest'
import { type ByteSource, memoryBytes } from '../bytes.js'
import { FileFormatError, MissingKeyError } from '../errors.js'
import { float32, type Tensor } from '../tensor.js'
import { memoryWeights } from './memory.js'
import { openWeights } from './open.js'
import { openShardedSafetensors } from './sharded.js'
import { memorySink } from './sink.js'
import { writeSafetensors } from './write.js'

async function shard(tensors: Record<string, Tensor>): Promise<Uint8Array> {
  const sink = memorySink()
  await writeSafetensors(sink, memoryWeights(tensors))
  return sink.bytes()!
}

const files: Record<string, Uint8Array> = {
  '1.safetensors': await shard({ a: float32([1]), b: float32([2]) }),
  '2.safetensors': await shard({ c: float32([3]) }),
}
const map = { a: '1.safetensors', b: '1.safetensors', c: '2.safetensors' }

/** Opens an index and tells which shards were opened and closed. */
function open(index: unknown, log: string[] = []): ReturnType<typeof openShardedSafetensors> {
  const resolve = async (file: string): Promise<ByteSource> => {
    log.push(`open ${file}`)
    const source = memoryBytes(files[file] ?? new Uint8Array(0), file)
    return { ...source, close: async () => void log.push(`close ${file}`) }
  }
  return openShardedSafetensors(typeof index === 'string' ? index : JSON.stringify(index), resolve, 'index.json')
}

describe('openShardedSafetensors', () => {
  it('opens each shard once and finds every key in it', async () => {
    const log: string[] = []
    const source = await open({ metadata: { total_size: 12, more: [1, { x: null }] }, weight_map: map }, log)
    expect(source.keys()).toEqual(['a', 'b', 'c'])
    expect((await source.read('c')).data).toEqual(Float32Array.of(3))
    expect(source.locate('a')!.source.name).toBe('1.safetensors')
    expect(source.has('d')).toBe(false)
    expect(() => source.info('d')).toThrow(MissingKeyError)
    await source.close()
    expect(log).toEqual(['open 1.safetensors', 'open 2.safetensors', 'close 1.safetensors', 'close 2.safetensors'])
  })

  const refused: Record<string, [index: unknown, message: RegExp]> = {
    'a path out of the folder': [
      { weight_map: { a: '../1.safetensors' } },
      /"\.\.\/1\.safetensors" is not a plain file name/,
    ],
    'an absolute path': [{ weight_map: { a: '/1.safetensors' } }, /not a plain file name/],
    'a hidden file': [{ weight_map: { a: '.ssh' } }, /not a plain file name/],
    'no weight map': [{ metadata: {} }, /weight_map is missing or empty/],
    'an empty weight map': [{ weight_map: {} }, /weight_map is missing or empty/],
    'a file that is not text': [{ weight_map: { a: 1 } }, /a string was expected/],
    'a key twice': ['{"weight_map":{"a":"1.safetensors","a":"2.safetensors"}}', /key "a" is there twice/],
    'broken JSON': ['{"weight_map":{"a":"1.safetensors"', /'\}' was expected/],
    'endless nesting': [`{"metadata":${'['.repeat(100_000)}`, /nested too deeply/],
    'a key that is not in its shard': [
      { weight_map: { ...map, d: '2.safetensors' } },
      /"d" is not in "2\.safetensors"/,
    ],
    'a shard with a key of another': [
      { weight_map: { a: '1.safetensors', c: '2.safetensors' } },
      /holds "b", which the index/,
    ],
    'a shard that is empty': [{ weight_map: { a: '9.safetensors' } }, /not a safetensors file/],
  }
  for (const [what, [index, message]] of Object.entries(refused))
    it(`refuses ${what}, and closes what it opened`, async () => {
      const log: string[] = []
      const error = await open(index, log).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(FileFormatError)
      expect((error as Error).message).toMatch(message)
      const opened = log.filter(line => line.startsWith('open')).map(line => line.slice(5))
      expect(
        log
          .filter(line => line.startsWith('close'))
          .map(line => line.slice(6))
          .sort(),
      ).toEqual(opened.sort())
    })

  it('is found by openWeights, when shards can be reached', async () => {
    const index = memoryBytes(new TextEncoder().encode(JSON.stringify({ weight_map: map })), 'x.json')
    const resolve = async (file: string): Promise<ByteSource> => memoryBytes(files[file]!, file)
    expect((await openWeights(index, { resolve })).keys().length).toBe(3)
    await expect(openWeights(index)).rejects.toThrow(/shards cannot be reached/)
  })
})
