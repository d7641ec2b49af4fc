import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  FileFormatError,
  FileNotFoundError,
  type Image,
  ImageError,
  isVisCPMError,
  type TaskOptions,
} from '@viscpm/core'
import { readImageHeader } from '@viscpm/core/image'
import { sharpCodec } from '@viscpm/core/node'
import type { FeatureExtractor } from '../../paint/features.js'
import { MomentSums, type Moments } from '../../paint/statistics/moments.js'

/** Pictures as numbers. */
export interface MeasuredPictures {
  /** [pictures, dim] */
  readonly features: Float32Array
  /** undefined for fewer than two. */
  readonly moments: Moments | undefined
  readonly count: number
  /** How many were JPEG files, whose losses are part of what is measured. */
  readonly jpegs: number
}

const pictureName = /\.(png|jpe?g|webp|gif)$/i
/** Decoded at once: pictures are large. */
const together = 32

/** Files of pictures in a folder, by name. @throws FileNotFoundError when there is no such folder, FileFormatError when it has none */
export async function listPictures(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new FileNotFoundError({ file: folder, message: 'no such folder', cause })
  })
  const found = names.filter(name => pictureName.test(name) && !name.startsWith('.')).sort()
  if (found.length === 0)
    throw new FileFormatError({
      file: folder,
      message: 'has no pictures',
      hint: 'PNG, JPEG, WebP and GIF files are read.',
    })
  return found.map(name => join(folder, name))
}

/** @throws ImageError, FileNotFoundError naming the file */
export async function readPicture(file: string): Promise<{ readonly image: Image; readonly jpeg: boolean }> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new FileNotFoundError({ file, message: 'cannot be read', cause })
  })
  try {
    return { image: await sharpCodec().decode(bytes), jpeg: readImageHeader(bytes).format === 'jpeg' }
  } catch (cause) {
    if (!isVisCPMError(cause, 'IMAGE')) throw cause
    throw new ImageError({
      message: `${file}: ${cause.message}`,
      cause,
      ...(cause.hint !== undefined && { hint: cause.hint }),
    })
  }
}

/**
 * Features of picture files, a few files in memory at a time.
 * @throws ImageError, FileNotFoundError; what the network throws; the signal's reason
 */
export async function measurePictures(
  files: readonly string[],
  extractor: FeatureExtractor,
  { signal, onProgress }: TaskOptions = {},
): Promise<MeasuredPictures> {
  const { dim } = extractor
  const features = new Float32Array(files.length * dim)
  const sums = new MomentSums(dim)
  let jpegs = 0
  for (let from = 0; from < files.length; from += together) {
    signal?.throwIfAborted()
    const read = await Promise.all(files.slice(from, from + together).map(readPicture))
    jpegs += read.filter(({ jpeg }) => jpeg).length
    const images = read.map(({ image }) => image)
    const batch = await extractor.extract(images, {
      ...(signal && { signal }),
      onProgress: ({ done }) =>
        onProgress?.({ phase: 'features', done: from + done, total: files.length, unit: 'steps' }),
    })
    features.set(batch, from * dim)
    sums.add(batch)
  }
  const count = files.length
  return { features, moments: count > 1 ? sums.moments() : undefined, count, jpegs }
}
