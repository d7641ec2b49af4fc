import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { isVisCPMError, UnsafePickleError } from '../errors.js'
import { float32ToFloat16 } from '../float16.js'
import { type Tensor, toFloat32 } from '../tensor.js'
import { openWeights } from './open.js'
import { openSafetensors } from './safetensors.js'
import { openTorch } from './torch.js'
import type { WeightSource } from './types.js'

const folder = new URL('../../../../tools/parity/goldens/checkpoints/', import.meta.url)
const file = (name: string): URL => new URL(name, folder)
const bytesOf = ({ data }: Tensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
const open = (name: string): Promise<WeightSource> => openTorch(memoryBytes(readFileSync(file(name)), name))

interface ReaderCase {
  tensors?: Record<string, { shape: number[]; dtype: string }>
  same_as?: string
}

describe('reader files', async () => {
  const manifest = JSON.parse(readFileSync(file('reader/manifest.json'), 'utf8')) as Record<string, ReaderCase>
  const expected = await openSafetensors(memoryBytes(readFileSync(file('reader/expected.safetensors')), 'expected'))

  it('lists every file of the folder', () => {
    const files = readdirSync(file('reader')).filter(name => name.endsWith('.pt'))
    expect(files.sort()).toEqual(Object.keys(manifest).sort())
  })

  for (const [name, { tensors, same_as }] of Object.entries(manifest).filter(([name]) => name !== 'deflated.pt'))
    it(name, async () => {
      const source = await open(`reader/${name}`)
      const wanted = tensors ?? manifest[same_as!]!.tensors!
      expect(source.format).toBe(name.endsWith('.legacy.pt') ? 'torch-legacy' : 'torch-zip')
      expect([...source.keys()].sort()).toEqual(Object.keys(wanted).sort())
      for (const [key, { shape, dtype }] of Object.entries(wanted)) {
        const info = source.info(key)
        expect({ dtype: info.dtype, shape: info.shape }).toEqual({ dtype, shape })
        const got = await source.read(key)
        const reference = await expected.read(`${(same_as ?? name).replace(/\.pt$/, '')}/${key}`)
        expect({ dtype: got.dtype, shape: got.shape }).toEqual({ dtype: reference.dtype, shape: reference.shape })
        expect(bytesOf(got)).toEqual(bytesOf(reference))
        const place = source.locate(key)
        if (place)
          expect(new Uint8Array(await place.source.read(place.offset, place.length))).toEqual(bytesOf(reference))
      }
    })

  it('tells which views are strided', async () => {
    for (const name of ['views.pt', 'views.legacy.pt']) {
      const source = await open(`reader/${name}`)
      const located = source.keys().filter(key => source.locate(key))
      expect(located).toEqual(['base', 'row', 'off'])
      expect(source.info('t').strides).toEqual([1, 6])
    }
  })

  it('refuses deflated entries', async () => {
    await expect(open('reader/deflated.pt')).rejects.toThrow(/"dtypes\/data\.pkl" is compressed \(method 8\)/)
  })
})

describe('hostile and broken files', () => {
  const manifest = JSON.parse(readFileSync(file('unsafe/manifest.json'), 'utf8')) as Record<string, { expect: string }>
  const errors: Record<string, [code: string, message: RegExp]> = {
    'os-system.pt': ['UNSAFE_PICKLE', /"posix\.system", which is not on the allow-list.*at byte \d+ of the pickle/],
    'os-system.legacy.pt': ['UNSAFE_PICKLE', /"posix\.system"/],
    'eval.pt': ['UNSAFE_PICKLE', /eval"/],
    'oob-size.pt': ['FILE_FORMAT', /"weight" reaches element 6000000 of a storage of 6/],
    'negative-offset.pt': ['FILE_FORMAT', /_rebuild_tensor_v2 is called with arguments/],
    'missing-storage.pt': ['FILE_FORMAT', /storage "archive\/data\/0" is not in the archive/],
    'short-storage.pt': ['FILE_FORMAT', /has 10 bytes, 6 elements of float32 were announced/],
    'path-traversal.pt': ['FILE_FORMAT', /points outside the archive/],
    'huge-claim.pt': ['FILE_FORMAT', /persistent id/],
    'truncated.pt': ['FILE_FORMAT', /cut off/],
    'truncated.legacy.pt': ['FILE_FORMAT', /cut off: storage "\d+" needs 9 bytes more/],
    'corrupt-pickle.pt': ['FILE_FORMAT', /does not have its checksum/],
    'empty.pt': ['FILE_FORMAT', /is empty/],
    'text.pt': ['FILE_FORMAT', /Git LFS pointer/],
    'not-torch.pt': ['FILE_FORMAT', /a zip archive, but not a PyTorch checkpoint/],
    'other.zip.pt': ['FILE_FORMAT', /a zip archive, but not a PyTorch checkpoint/],
    'no-tensors.pt': ['FILE_FORMAT', /holds no tensors/],
  }

  it('covers the manifest', () => {
    expect([...Object.keys(errors), 'good.pt'].sort()).toEqual(Object.keys(manifest).sort())
  })

  for (const [name, [code, message]] of Object.entries(errors))
    it(name, async () => {
      for (const opener of [openTorch, openWeights]) {
        const error = await opener(memoryBytes(readFileSync(file(`unsafe/${name}`)), name)).catch((e: unknown) => e)
        expect(isVisCPMError(error) && error.code).toBe(code)
        expect((error as Error).message).toMatch(message)
        expect((error as Error).message).toContain(name)
        expect((error as Error).message).not.toContain('\n')
      }
      // The payloads of these files would have made it.
      expect(existsSync('/tmp/pwned-viscpm')).toBe(false)
    })

  it('names what was refused, and where', async () => {
    const error = (await open('unsafe/os-system.legacy.pt').catch((e: unknown) => e)) as UnsafePickleError
    expect(error).toBeInstanceOf(UnsafePickleError)
    // The object is the fourth pickle of the file; the global stands 198 bytes into it.
    expect([error.refused, error.offset]).toEqual(['posix.system', 198])
  })

  it('good.pt opens', async () => {
    const { data, shape } = await (await open('unsafe/good.pt')).read('weight')
    expect([[...data], shape]).toEqual([
      [0, 1, 2, 3, 4, 5],
      [2, 3],
    ])
  })
})

describe('one model in all forms', () => {
  const shapes = JSON.parse(readFileSync(file('cpmbee-mask/keys.json'), 'utf8')) as Record<string, { shape: number[] }>
  const reference = open('cpmbee-mask/cpmbee-mask.fp32.pt')
  for (const name of readdirSync(file('cpmbee-mask')).filter(name => /\.(pt|bin)$/.test(name)))
    it(name, async () => {
      const source = await open(`cpmbee-mask/${name}`)
      expect([...source.keys()].sort()).toEqual(Object.keys(shapes).sort())
      const dtypes = new Set<string>()
      for (const key of source.keys()) {
        expect(source.info(key).shape).toEqual(shapes[key]!.shape)
        expect(source.locate(key)).toBeDefined()
        const got = await source.read(key)
        const want = await (await reference).read(key)
        dtypes.add(got.dtype)
        expect(got.shape).toEqual(want.shape)
        // The values are exact in half precision, so all forms must agree to the bit.
        expect(toFloat32(got)).toEqual(want.data)
        if (got.dtype === 'float16') expect(got.data).toEqual(float32ToFloat16(want.data as Float32Array))
      }
      const forms = name.includes('mixed') ? ['float16', 'float32'] : [name.includes('fp16') ? 'float16' : 'float32']
      expect([...dtypes].sort()).toEqual(forms)
    })
})
