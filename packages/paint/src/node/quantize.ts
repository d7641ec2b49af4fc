import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidArgumentError, type SessionOptions, type TaskOptions } from '@viscpm/core'
import { onnxruntimeNode, openAtomicSink } from '@viscpm/core/node'
import { writeQuantized } from '@viscpm/unet-sampler'
import { type CalibrationOptions, calibratePainter } from '../calibration.js'
import { joined } from '../joined.js'
import { copyBeside, writeVae } from './beside.js'
import { defaultsOf, type Found, type Opened, openNetworks } from './load.js'
import { newFolder } from './new-folder.js'
import { findPainter, type PaintPlaces } from './places.js'

export interface QuantizeUNetOptions
  extends PaintPlaces,
    CalibrationOptions,
    Pick<SessionOptions, 'threads' | 'keepHalf'> {
  /** The painter: 'tiny', a folder or a checkpoint file; its UNet in float. */
  readonly source: string
  /** Folder to write; must not be there, or be empty. */
  readonly output: string
}

export interface QuantizedPainter {
  /** Layers that are int8 now. */
  readonly unetLayers: number
  /** The same of the VAE's decoder; 0 where it was not asked for. */
  readonly vaeLayers: number
  /** Of the new checkpoint. */
  readonly bytes: number
}

/**
 * Makes a painter whose UNet computes with int8: paints `prompts` with the float one to see in which ranges its activations
 * lie, and writes a folder with everything that painting needs. The language model is copied as it is. The folder appears at
 * once when it is complete; a failure leaves nothing. Progress: `calibrate` in steps, `write` in bytes.
 * @throws InvalidArgumentError, WriteFailedError, what loading the painter throws; the signal's reason when aborted
 */
export async function quantizeUNet(options: QuantizeUNetOptions): Promise<QuantizedPainter> {
  const { source, output, signal, onProgress, threads } = options
  const task: TaskOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
  signal?.throwIfAborted()
  const folder = await newFolder(output)
  const opened: Opened = []
  try {
    const files = await findPainter(source, options)
    const networks = await openNetworks(files, opened)
    checkPlain(networks)
    const { guidanceScale = (await defaultsOf(files)).guidanceScale, keepHalf = networks.keepHalf } = options
    const ranges = await calibratePainter(
      { ...networks, backend: onnxruntimeNode(), keepHalf, ...(threads !== undefined && { threads }) },
      { ...options, ...(guidanceScale !== undefined && { guidanceScale }) },
    )
    const { unet, llm, transBlock, vae } = networks
    const [from, home] = [unet.prefix ?? '', 'unet.']
    const checkpoint = joined(files.weights, [
      { weights: llm.weights, prefix: llm.prefix ?? '', home: 'llm.' },
      { weights: transBlock.weights, prefix: transBlock.prefix ?? '', home: 'trans_block.' },
      { weights: unet.weights, prefix: from, home },
    ])
    const moved = new Map([...ranges.unet].map(([key, range]) => [home + key.slice(from.length), range]))
    const written = join(folder.path, 'paint.safetensors')
    await writeQuantized(await openAtomicSink(written), { weights: checkpoint, ranges: moved, ...task })
    const { size: bytes } = await stat(written)
    await writeVae(files, folder.path, vae.weights, ranges.vaeDecoder, task)
    await copyBeside(files, folder.path, networks)
    signal?.throwIfAborted()
    await folder.commit()
    return { unetLayers: ranges.unet.size, vaeLayers: ranges.vaeDecoder?.size ?? 0, bytes }
  } catch (error) {
    await folder.abort()
    throw error
  } finally {
    for (const one of opened) await one.close()
  }
}

/** What is int8 already has lost what calibrating needs. */
function checkPlain({ unet: { weights, prefix = '' } }: Pick<Found, 'unet'>): void {
  const key = weights.keys().find(k => k.startsWith(prefix) && weights.info(k).quantization)
  if (key === undefined) return
  throw new InvalidArgumentError({
    argument: 'source',
    message: `${weights.name}: ${key} is quantized already`,
    hint: 'Calibrate the painter with the float UNet that it was made from.',
  })
}
