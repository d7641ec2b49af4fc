import { type Image, type ImageCodec, ImageError } from '@viscpm/core'
import { parametersText } from '../metadata.js'
import { parseMetadata } from '../parse-metadata.js'
import type { PaintMetadata } from '../types.js'
import { type PngChunk, readChunks, writeChunks } from './chunks.js'
import { textChunk, textsOf } from './text.js'

/** What machines read. */
const machineKey = 'viscpm'
/** What people and other painters' tools read. */
const peopleKey = 'parameters'

/** Puts what is known of a picture into its PNG file, in place of what the file says so far. @throws ImageError */
export function withMetadata(png: Uint8Array, metadata: PaintMetadata): Uint8Array {
  const isOurs = ({ type, data }: PngChunk) =>
    ['tEXt', 'zTXt', 'iTXt'].includes(type) &&
    [machineKey, peopleKey].some(key => [...key, '\0'].every((c, i) => data[i] === c.charCodeAt(0)))
  const [header, ...rest] = readChunks(png).filter(chunk => !isOurs(chunk))
  const texts = [textChunk(peopleKey, parametersText(metadata)), textChunk(machineKey, JSON.stringify(metadata))]
  return writeChunks([header!, ...texts, ...rest])
}

/** A painted picture as a PNG file that says how it was painted. @throws ImageError, MissingDependencyError */
export async function paintedPng(
  { image, metadata }: { readonly image: Image; readonly metadata: PaintMetadata },
  codec: ImageCodec,
): Promise<Uint8Array> {
  return withMetadata(await codec.encode(image, 'png'), metadata)
}

/**
 * What a PNG file says of how it was painted.
 * @throws ImageError when it is no PNG file, is broken, or says nothing that can be understood
 */
export async function readMetadata(png: Uint8Array): Promise<PaintMetadata> {
  const text = (await textsOf(readChunks(png))).get(machineKey)
  if (text === undefined)
    throw new ImageError({
      message: 'the picture does not say how it was painted',
      hint: 'Only PNG files as viscpm wrote them do; editors and websites often take such texts out.',
    })
  return parseMetadata(text)
}
