import { FileFormatError, InvalidArgumentError } from '@viscpm/core'
import { openFile, writeFileAtomic } from '@viscpm/core/node'
import { unzipSync, type Zippable, zipSync } from 'fflate'
import { type NpyArray, readNpy, writeNpy } from '../../paint/npy.js'
import type { Moments } from '../../paint/statistics/moments.js'

/** A covariance of 2048 features takes 34 MB; nothing that is meant here takes more than this. */
const maxBytes = 2 ** 30

/**
 * Reads statistics as pytorch-fid saves them: `mu` [dim] and `sigma` [dim, dim], and `count` where this package wrote them.
 * @throws FileNotFoundError, FileFormatError naming the file and the array
 */
export async function loadMoments(file: string): Promise<Moments> {
  const { mu, sigma, count } = await readNpz(file, ['mu', 'sigma', 'count'])
  const missing = [mu ? [] : 'mu', sigma ? [] : 'sigma'].flat()
  if (!mu || !sigma)
    throw new FileFormatError({
      file,
      message: `has no ${missing.join(' and no ')}`,
      hint: 'Statistics are made with pytorch-fid --save-stats, or viscpm eval paint --save-stats.',
    })
  const [dim = 0] = mu.shape
  if (mu.shape.length !== 1 || dim < 1) throw new FileFormatError({ file, message: `mu has the shape [${mu.shape}]` })
  if (sigma.shape.length !== 2 || sigma.shape.some(size => size !== dim))
    throw new FileFormatError({ file, message: `sigma has the shape [${sigma.shape}], mu has [${dim}]` })
  for (const [name, { data }] of Object.entries({ mu, sigma }))
    if (!data.every(Number.isFinite)) throw new FileFormatError({ file, message: `${name} is not finite everywhere` })
  return { dim, count: count?.data[0], mean: mu.data, covariance: sigma.data }
}

/** Writes statistics that pytorch-fid reads too, whole or not at all. @throws WriteFailedError, InvalidArgumentError for another suffix */
export async function saveMoments(file: string, { dim, count, mean, covariance }: Moments): Promise<void> {
  if (!/\.npz$/i.test(file)) throw new InvalidArgumentError({ argument: file, message: 'statistics are .npz files' })
  const entry = (shape: readonly number[], data: Float64Array): Zippable[string] => [
    writeNpy({ shape, data }),
    // A fixed date: equal statistics are equal files.
    { level: 6, mtime: new Date(1980, 0, 1) },
  ]
  const files: Zippable = { 'mu.npy': entry([dim], mean), 'sigma.npy': entry([dim, dim], covariance) }
  if (count !== undefined) files['count.npy'] = entry([], Float64Array.of(count))
  await writeFileAtomic(file, zipSync(files))
}

/** Some arrays of a `.npz` file, stored or deflated. */
async function readNpz<K extends string>(file: string, names: readonly K[]): Promise<Partial<Record<K, NpyArray>>> {
  const source = await openFile(file)
  try {
    if (source.size > maxBytes) throw new FileFormatError({ file, message: `${source.size} bytes are no statistics` })
    const bytes = await source.read(0, source.size)
    let files: Record<string, Uint8Array>
    try {
      files = unzipSync(bytes, {
        filter: ({ name, originalSize }) => {
          if (!names.some(one => name === `${one}.npy`)) return false
          if (originalSize > maxBytes) throw new Error(`${name} claims ${originalSize} bytes`)
          return true
        },
      })
    } catch (cause) {
      throw new FileFormatError({ file, message: `not a .npz archive (${(cause as Error).message})`, cause })
    }
    const found: Partial<Record<K, NpyArray>> = {}
    for (const name of names) {
      const entry = files[`${name}.npy`]
      if (entry) found[name] = readNpy(entry, `${file}: ${name}`)
    }
    return found
  } finally {
    await source.close()
  }
}
