import { mkdir, open, rename, rm, statfs } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { itemSize, numel } from '@viscpm/core'
import { openAtomicSink, writeFileAtomic } from '@viscpm/core/node'
import { SafetensorsWriter } from '@viscpm/core/weights'
import { pickleStateDict } from './pickle.js'
import type { SynthTensor } from './tensors.js'
import { SynthValues } from './values.js'
import { StoredZipWriter } from './zip-writer.js'

/** Called with bytes written so far, of all. */
export type OnBytes = (done: number, total: number) => void

export const bytesOf = ({ dtype, shape }: SynthTensor): number => numel(shape) * itemSize(dtype)

/** Refuses what would not fit. @throws Error */
export async function checkFreeDisk(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const gb = (n: number) => `${(n / 1e9).toFixed(1)} GB`
  if (bavail * bsize < bytes * 1.01 + 64e6)
    throw new Error(`${folder}: ${gb(bytes)} are needed, ${gb(bavail * bsize)} are free`)
}

/** Writes random weights in the format of torch.save, under another name until they are complete. @returns bytes */
export async function writeTorchCheckpoint(
  file: string,
  tensors: readonly SynthTensor[],
  seed: number,
  onBytes: OnBytes = () => {},
): Promise<number> {
  const part = `${file}.part`
  const handle = await open(part, 'w')
  try {
    const zip = new StoredZipWriter(handle)
    const root = basename(file, extname(file))
    const values = new SynthValues(seed, tensors)
    await zip.add(`${root}/data.pkl`, [pickleStateDict(tensors)])
    await zip.add(`${root}/byteorder`, [Buffer.from('little')])
    const total = tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0)
    let done = 0
    for (const [i, tensor] of tensors.entries()) {
      await zip.add(`${root}/data/${i}`, values.bytesOf(tensor))
      done += bytesOf(tensor)
      onBytes(done, total)
    }
    await zip.add(`${root}/version`, [Buffer.from('3\n')])
    const size = await zip.finish()
    await handle.sync()
    await handle.close()
    await rename(part, file)
    return size
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(part, { force: true })
    throw error
  }
}

/** Writes random weights as safetensors. */
export async function writeSafetensorsCheckpoint(
  file: string,
  tensors: readonly SynthTensor[],
  seed: number,
): Promise<void> {
  const byKey = new Map(tensors.map(tensor => [tensor.key, tensor]))
  const values = new SynthValues(seed, tensors)
  const writer = new SafetensorsWriter(await openAtomicSink(file), tensors)
  for (const key of writer.keys) for (const bytes of values.bytesOf(byKey.get(key)!)) await writer.write(key, bytes)
  await writer.finish()
}

/** Writes a small file beside the weights, and its folder. */
export async function writeBeside(folder: string, name: string, content: string | object): Promise<void> {
  const file = join(folder, name)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFileAtomic(file, typeof content === 'string' ? content : `${JSON.stringify(content, null, 1)}\n`)
}
