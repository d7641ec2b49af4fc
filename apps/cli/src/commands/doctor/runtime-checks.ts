import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Messages } from '../../messages/index.js'
import { formatBytes } from '../../terminal/format.js'
import type { Check } from './check.js'

/** Builds a small graph, runs it, and compares: the native library loads and computes on this processor. */
export async function checkOnnxruntime(t: Messages): Promise<Check> {
  const { float32 } = await import('@viscpm/core')
  const { GraphBuilder } = await import('@viscpm/core/graph')
  const { onnxruntimeNode } = await import('@viscpm/core/node')
  const g = new GraphBuilder('doctor')
  const x = g.input('x', 'float32', [2, 2])
  g.output('y', g.op('MatMul', [x, g.constant(float32([1, 2, 3, 4], [2, 2]))]), 'float32', [2, 2])
  const started = performance.now()
  const session = await onnxruntimeNode().createSession(await g.finish(), { device: 'cpu' })
  try {
    const { y } = await session.run({ x: float32([1, 1, 0, 2], [2, 2]) })
    const ms = Math.round(performance.now() - started)
    if (y?.data.join() !== '4,6,6,8')
      return { name: 'onnxruntime', status: 'broken', detail: t.doctor.wrongResult, hint: t.doctor.reinstallHint }
    const { env } = await import('onnxruntime-node')
    return { name: 'onnxruntime', status: 'ok', detail: t.doctor.ranGraph(env.versions.node ?? '', ms) }
  } finally {
    await session.dispose()
  }
}

/** Writes a picture and reads it back. */
export async function checkSharp(t: Messages): Promise<Check> {
  const { sharpCodec } = await import('@viscpm/core/node')
  const pixels = Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7])
  const started = performance.now()
  const codec = sharpCodec()
  const read = await codec.decode(await codec.encode({ width: 2, height: 2, data: pixels }, 'png'))
  const ms = Math.round(performance.now() - started)
  if (read.data.join() !== pixels.join())
    return { name: 'sharp', status: 'broken', detail: t.doctor.wrongPicture, hint: t.doctor.reinstallHint }
  const { default: sharp } = await import('sharp')
  return { name: 'sharp', status: 'ok', detail: t.doctor.decoded(sharp.versions.sharp ?? '', ms) }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Hash of a file as `SHA256SUMS` beside it records it. */
async function recordedHash(file: string): Promise<string | undefined> {
  const sums = await readFile(join(dirname(file), 'SHA256SUMS'), 'utf8').catch(() => '')
  const line = sums.split('\n').find(entry => entry.trim().replace(/^[0-9a-f]{64} [ *]/i, '') === basename(file))
  return line?.trim().slice(0, 64).toLowerCase()
}

/** Looks for the embedded model and compares its hash with the recorded one, where there is one. */
export async function checkModel(t: Messages, findFolder?: () => string): Promise<Check> {
  const missing: Check = { name: 'model', status: 'broken', detail: t.doctor.modelMissing, hint: t.doctor.modelHint }
  let weights: string | undefined
  try {
    const folder = (findFolder ?? (await import('@viscpm/chat/node')).tinyFolder)()
    const names = await readdir(folder)
    weights = names.filter(name => name.endsWith('.safetensors')).map(name => join(folder, name))[0]
    if (!weights || !names.includes('bee.txt') || !names.includes('config.json')) return missing
  } catch {
    return missing
  }
  const [{ size }, hash, recorded] = await Promise.all([stat(weights), sha256(weights), recordedHash(weights)])
  if (recorded !== undefined && recorded !== hash)
    return { name: 'model', status: 'broken', detail: t.doctor.modelDamaged, hint: t.doctor.modelHint }
  return { name: 'model', status: 'ok', detail: t.doctor.modelFound(formatBytes(size), hash) }
}
