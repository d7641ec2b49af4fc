import type { TaskOptions } from '../progress.js'
import { SafetensorsWriter, type SafetensorsWriterOptions } from './safetensors-writer.js'
import type { ByteSink } from './sink.js'
import type { WeightSource } from './types.js'

const chunk = 16 * 1024 * 1024

/**
 * Writes all of `source` to `sink` as safetensors. Contiguous tensors are copied in chunks of 16 MiB, never whole.
 * Nothing is left when it fails or is aborted. Progress: phase `write`, in bytes.
 * @throws WriteFailedError, FileFormatError, InvalidArgumentError
 */
export async function writeSafetensors(
  sink: ByteSink,
  source: WeightSource,
  options: SafetensorsWriterOptions & TaskOptions = {},
): Promise<void> {
  const { signal, onProgress, ...writerOptions } = options
  let done = 0
  let writer: SafetensorsWriter | undefined
  try {
    writer = new SafetensorsWriter(
      sink,
      source.keys().map(key => source.info(key)),
      writerOptions,
    )
    const total = source.keys().reduce((sum, key) => sum + source.info(key).nbytes, 0)
    for (const key of writer.keys)
      for await (const bytes of chunksOf(source, key)) {
        signal?.throwIfAborted()
        await writer.write(key, bytes)
        done += bytes.byteLength
        onProgress?.({ phase: 'write', done, total, unit: 'bytes' })
      }
    signal?.throwIfAborted()
    await writer.finish()
  } catch (error) {
    await (writer ?? sink).abort()
    throw error
  }
}

async function* chunksOf(source: WeightSource, key: string): AsyncGenerator<ArrayBufferView> {
  const location = source.locate(key)
  if (!location) {
    yield (await source.read(key)).data
    return
  }
  for (let at = 0; at < location.length; at += chunk)
    yield await location.source.read(location.offset + at, Math.min(chunk, location.length - at))
}
