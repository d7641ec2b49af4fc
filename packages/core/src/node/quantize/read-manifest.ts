import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FileFormatError, FileNotFoundError } from '../../errors.js'
import { type ConversionManifest, conversionVersion, manifestFormat } from '../../quantize/manifest.js'
import { manifestName } from './places.js'

/** Reads a converted folder's manifest. @throws FileNotFoundError, FileFormatError */
export async function readManifest(folder: string): Promise<ConversionManifest> {
  const file = join(folder, manifestName)
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const hint = "Only folders that 'viscpm quantize' wrote have one."
    throw new FileNotFoundError({ file, message: 'no such file', cause, hint })
  })
  let json: Partial<ConversionManifest> | null
  try {
    json = JSON.parse(text) as Partial<ConversionManifest> | null
  } catch (cause) {
    throw new FileFormatError({ file, message: 'is not JSON', cause })
  }
  if (json?.format !== manifestFormat || json.version !== conversionVersion)
    throw new FileFormatError({
      file,
      message: `is of format ${json?.format} ${json?.version}, known is ${manifestFormat} ${conversionVersion}`,
      hint: 'Verify it with the version that wrote it, or convert the source anew.',
    })
  const lists = [json.tensors, json.dropped, json.beside, json.source?.files]
  if (!lists.every(Array.isArray) || typeof json.file?.bytes !== 'number' || typeof json.chain !== 'string')
    throw new FileFormatError({ file, message: 'lacks a part' })
  return json as ConversionManifest
}
