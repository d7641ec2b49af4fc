import { describe, expect, it } from 'vitest'
import { memoryBytes } from '../bytes.js'
import { FileFormatError } from '../errors.js'
import { pickleTensors, u32 } from '../fixtures/pickle-builder.js'
import { buildZip, layOutZip, sparseSource, type ZipOptions, type ZipPart } from '../fixtures/zip-builder.js'
import { openTorch } from './torch.js'

const data = new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6]).buffer)
const tensor = { key: 'w', storage: '0', numel: 6, shape: [2, 3] }
const pickle: ZipPart = { name: 'a/data.pkl', data: pickleTensors([tensor]) }
const storage: ZipPart = { name: 'a/data/0', data }

async function read(parts: readonly ZipPart[], options?: ZipOptions): Promise<number[]> {
  const source = await openTorch(memoryBytes(buildZip(parts, options), 'test.pt'))
  return [...((await source.read('w')).data as Float32Array)]
}

async function failure(parts: readonly ZipPart[], options?: ZipOptions): Promise<string> {
  const error = await read(parts, options).then(
    () => undefined,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(FileFormatError)
  return (error as Error).message
}

describe('zip archives', () => {
  const values = [1, 2, 3, 4, 5, 6]

  it('reads stored entries, padded, commented, in any folder, or in none', async () => {
    expect(await read([pickle, storage])).toEqual(values)
    expect(
      await read(
        [
          { ...pickle, padding: 13 },
          { ...storage, padding: 57 },
        ],
        { comment: 'PK\x05\x06' },
      ),
    ).toEqual(values)
    const inFolder = (folder: string): ZipPart[] => [
      { ...pickle, name: `${folder}data.pkl` },
      { ...storage, name: `${folder}data/0` },
    ]
    expect(await read(inFolder(''))).toEqual(values)
    expect(await read(inFolder('some/文件夹/'))).toEqual(values)
  })

  it('reads zip64 records, 64-bit entries, and both together', async () => {
    expect(await read([pickle, storage], { zip64: true })).toEqual(values)
    expect(
      await read([
        { ...pickle, wide: true },
        { ...storage, wide: true },
      ]),
    ).toEqual(values)
    expect(
      await read(
        [
          { ...pickle, wide: true },
          { ...storage, wide: true },
        ],
        { zip64: true },
      ),
    ).toEqual(values)
  })

  it('accepts sizes that follow the data, as PyTorch writes them', async () => {
    expect(await read([pickle, { ...storage, flags: 0x808, localSize: 0 }])).toEqual(values)
  })

  it('reads the byte order record', async () => {
    const order = (text: string): ZipPart => ({ name: 'a/byteorder', data: new TextEncoder().encode(text) })
    expect(await read([pickle, order('little'), storage])).toEqual(values)
    expect(await failure([pickle, order('big'), storage])).toMatch(/byte order "big"/)
  })

  const refused: Record<string, [parts: ZipPart[], message: RegExp, options?: ZipOptions]> = {
    'a compressed storage': [[pickle, { ...storage, method: 8 }], /compressed \(method 8\)/],
    'an encrypted entry': [[pickle, { ...storage, flags: 1 }], /encrypted/],
    'strong encryption': [[pickle, { ...storage, flags: 0x2000 }], /encrypted/],
    'an entry that is there twice': [[pickle, storage, storage], /"a\/data\/0" is there twice/],
    'two entries in the same place': [
      [pickle, storage, { name: 'a/data/1', data: new Uint8Array(0), headerOffset: 0 }],
      /overlap/,
    ],
    'a 64-bit size that is no exact number': [
      [pickle, { ...storage, size: 2 ** 60, wide: true }],
      /claims more bytes than the file holds/,
    ],
    'two sizes that differ': [[pickle, { ...storage, packed: 23 }], /two sizes differ/],
    'more bytes than there are': [[pickle, { ...storage, size: 5000 }], /claims more bytes than the file holds/],
    'a 64-bit size beyond the file': [
      [pickle, { ...storage, size: 2 ** 50, wide: true }],
      /claims more bytes than the file holds/,
    ],
    'a header with other sizes': [[pickle, { ...storage, localSize: 12 }], /contradicts the zip directory/],
    'a header with another name': [[pickle, { ...storage, localName: 'a/data/7' }], /contradicts the zip directory/],
    'a name with ..': [[pickle, storage, { name: 'a/../../b', data: new Uint8Array(1) }], /points outside/],
    'an absolute name': [[pickle, storage, { name: '/etc/x', data: new Uint8Array(1) }], /points outside/],
    'a damaged checksum': [[{ ...pickle, crc: 5 }, storage], /does not have its checksum/],
    'two checkpoints': [[pickle, storage, { ...pickle, name: 'b/data.pkl' }], /several checkpoints/],
    TorchScript: [[pickle, storage, { name: 'a/constants.pkl', data: new Uint8Array(1) }], /TorchScript/],
    'too many entries': [[pickle, storage], /claims 60000 entries/, { entries: 60000 }],
    'too few entries': [[pickle, storage], /longer than its entries/, { entries: 1 }],
    'a directory elsewhere': [[pickle, storage], /does not end where its end record begins/, { directorySize: 10 }],
    'zip64 records that disagree': [
      [pickle, storage],
      /disagree|claims|does not end/,
      { zip64: true, patch64: r => r.setBigUint64(40, 3n, true) },
    ],
    'a zip64 record elsewhere': [
      [pickle, storage],
      /zip64 end record/,
      { zip64: true, patch64: r => r.setBigUint64(64, 1n << 62n, true) },
    ],
    'a zip64 archive in parts': [
      [pickle, storage],
      /split over several files/,
      { zip64: true, patch64: r => r.setUint32(16, 1, true) },
    ],
  }
  for (const [what, [parts, message, options]] of Object.entries(refused))
    it(`refuses ${what}`, async () => {
      expect(await failure(parts, options)).toMatch(message)
    })

  it('refuses an entry whose directory size overlaps the next one', async () => {
    const parts: ZipPart[] = [pickle, storage, { name: 'a/data/1', data: new Uint8Array(100) }]
    const bytes = buildZip(parts)
    // The storage's size in the directory and in its header, made larger by 50.
    for (let i = 0; i + 4 <= bytes.length; i++) if (u32(24).every((b, k) => bytes[i + k] === b)) bytes[i] = 74
    await expect(openTorch(memoryBytes(bytes))).rejects.toThrow(/overlap|contradicts|announced/)
  })

  it('refuses every truncation', async () => {
    const bytes = buildZip([pickle, storage], { zip64: true })
    for (let length = 0; length < bytes.length; length++)
      await expect(openTorch(memoryBytes(bytes.slice(0, length)))).rejects.toBeInstanceOf(FileFormatError)
  })
})

describe('a checkpoint of 20 GB', () => {
  it('opens by reading a few megabytes, with every tensor in its place', async () => {
    const count = 1413
    const numel = 7_200_000
    const tensors = Array.from({ length: count }, (_, i) => ({
      key: `llm.encoder.layers.${i}.self_att.self_attention.project_q.weight`,
      storage: String(i),
      type: 'HalfStorage',
      numel,
      shape: [numel],
    }))
    const layout = layOutZip([
      { name: 'a/data.pkl', data: pickleTensors(tensors) },
      ...tensors.map(({ storage }, i) => ({ name: `a/data/${storage}`, data: 2 * numel, padding: i % 64 })),
    ])
    expect(layout.size).toBeGreaterThan(20e9)
    // A recognisable first value for the last tensor, 20 GB into the file.
    const header = layout.segments.findLast(s => s.bytes[0] === 0x50 && s.bytes[2] === 3)!
    const start = header.offset + header.bytes.length
    layout.segments.push({ offset: start, bytes: Uint8Array.of(0x00, 0x3c) })
    layout.segments.sort((a, b) => a.offset - b.offset)

    const source = sparseSource(layout)
    const weights = await openTorch(source)
    expect(weights.keys().length).toBe(count)
    expect(weights.locate(tensors.at(-1)!.key)).toMatchObject({ offset: start, length: 2 * numel })
    expect(source.bytesRead).toBeLessThan(2_000_000)
    expect(source.reads).toBeLessThan(count + 20)
    const last = (await weights.read(tensors.at(-1)!.key)).data
    expect([last[0], last[1]]).toEqual([0x3c00, 0])
  })
})
