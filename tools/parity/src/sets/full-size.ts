import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DType, itemSize, numel, type WeightSource } from '@viscpm/core'
import type { IgnoredKey } from '@viscpm/core/weights'
import type { SetResult } from '../result.js'
import { Tally } from '../tally.js'

type Keys = Readonly<Record<string, readonly [shape: readonly number[], dtype: DType]>>

/** A checkpoint whose keys, shapes and dtypes are known, and whose bytes must not be read. */
function withoutBytes(keys: Keys, name: string): WeightSource {
  const read = async (): Promise<never> => {
    throw new Error(`${name}: a weight was read`)
  }
  const info = (key: string) => {
    const [shape, dtype] = keys[key]!
    return { key, dtype, shape, strides: [], nbytes: numel(shape) * itemSize(dtype) }
  }
  const source = { name, size: Number.MAX_SAFE_INTEGER, path: `/${name}`, read, close: async () => {} }
  return {
    name,
    format: 'torch-zip',
    keys: () => Object.keys(keys),
    has: key => key in keys,
    info,
    locate: key => ({ source, offset: 0, length: info(key).nbytes }),
    read,
    close: source.close,
  }
}

export interface BuiltGraphs {
  /** Keys that a graph or the code beside it uses. */
  readonly used: readonly string[]
  readonly ignored: readonly IgnoredKey[]
}

/** The published model's keys (`keys.json`, beside its `config.json`): each is used, or left out with a reason. */
export async function compareFullSizeKeys(
  set: string,
  folder: string,
  build: (weights: WeightSource, config: unknown) => Promise<BuiltGraphs>,
): Promise<SetResult> {
  const tally = new Tally(set, 0)
  const json = async (file: string) => JSON.parse(await readFile(join(folder, file), 'utf8')) as unknown
  try {
    const keys = (await json('keys.json')) as Keys
    const { used, ignored } = await build(withoutBytes(keys, 'pytorch_model.bin'), await json('config.json'))
    const known = new Set(used)
    const reasons = new Map(ignored.map(({ key, reason }) => [key, reason]))
    for (const key of Object.keys(keys))
      tally.check(key, known.has(key) || reasons.get(key) ? undefined : 'is not accounted for')
  } catch (error) {
    tally.check('full-size build', String(error))
  }
  return tally.result()
}
